CREATE OR REPLACE FUNCTION etl._update_statement(
    p_entity   text,
    p_relation regclass,
    p_fields   text[]
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_update_statement$
-- SQL that updates planned rows and logs the columns that changed. A row is left alone where it no
-- longer fulfils the condition it was planned under, or has the new values already.
-- p_fields: fields that the planned rows have.
-- Parameters: $1 execution_id, $2 places of the rows in etl.row_plan, $3 batch number.
DECLARE
    v_values  text;
    v_set     text;
    v_differs text;
    v_touch   text := etl._platform_column(p_entity, p_relation, 'updated_at');
BEGIN
    SELECT string_agg(format('%L, f.fields -> %L', c.column_name, c.field), ', '),
           string_agg(format('%1$I = CASE WHEN f.fields ? %2$L THEN v.%1$I ELSE t.%1$I END',
                             c.column_name, c.field), ', '),
           string_agg(format('(f.fields ? %2$L AND to_jsonb(v) -> %1$L '
                             'IS DISTINCT FROM f.content -> %1$L)',
                             c.column_name, c.field), ' OR ')
      INTO v_values, v_set, v_differs
      FROM etl._platform_columns(p_entity, p_relation) c
     WHERE c.field = ANY (p_fields) AND c.field <> 'updated_at';
    IF v_set IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN format($statement$
        WITH found AS MATERIALIZED (
            SELECT t.ctid AS tid, to_jsonb(t) AS content, s.fields
              FROM etl.row_plan s
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, s.key) k
              JOIN %1$s t ON %2$s
             WHERE s.ctid = ANY ($2)
               AND etl._holds(to_jsonb(t), s.condition)
               FOR NO KEY UPDATE OF t
        ), changed AS (
            UPDATE %1$s t SET %3$s
              FROM found f
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, jsonb_build_object(%4$s)) v
             WHERE t.ctid = f.tid AND (%8$s)
            RETURNING f.content AS before, to_jsonb(t) AS after
        )
        INSERT INTO etl.row_change (
            execution_id, pass, batch_number, entity, relation, key, before, after)
        SELECT $1, (SELECT min(s.pass) FROM etl.row_plan s WHERE s.ctid = ANY ($2)), $3, %5$L, %6$s,
               (SELECT jsonb_object_agg(k.column_name, c.after -> k.column_name)
                  FROM unnest(%7$L::text[]) AS k (column_name)),
               d.before, d.after
          FROM changed c
         CROSS JOIN LATERAL (SELECT jsonb_object_agg(b.key, b.value),
                                    jsonb_object_agg(b.key, c.after -> b.key)
                               FROM jsonb_each(c.before) b
                              WHERE b.value IS DISTINCT FROM c.after -> b.key) AS d (before, after)
         WHERE d.before IS NOT NULL
        $statement$, p_relation, etl._same_row_condition(p_relation, 't', 'k'),
        v_set || CASE WHEN v_touch IS NULL THEN ''
                      ELSE format(', %I = clock_timestamp()', v_touch) END,
        v_values, p_entity, p_relation::oid, etl._key_columns(p_relation), v_differs);
END
$_update_statement$;
COMMENT ON FUNCTION etl._update_statement IS
    'Internal: SQL that updates planned rows of a table of the platform.';
