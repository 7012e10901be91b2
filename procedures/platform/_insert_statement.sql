CREATE OR REPLACE FUNCTION etl._insert_statement(
    p_entity   text,
    p_relation regclass,
    p_fields   text[]
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_insert_statement$
-- SQL that inserts planned rows and logs them. A row is left out where one with the same identity
-- is there by now, a symbol of no known venue being the same as one of any venue; any other
-- collision is an error of that row. Values go through jsonb_populate_record: it knows how to read
-- every type, and refuses what is too long.
-- p_fields: fields that the planned rows have.
-- Parameters: $1 execution_id, $2 places of the rows in etl.row_plan, $3 batch number.
DECLARE
    v_identity    text;
    v_columns     text;
    v_expressions text;
    v_values      text;
    v_conflict    text := (SELECT format('ON CONFLICT (%s) DO NOTHING',
                                         string_agg(quote_ident(i.column_name), ', '))
                             FROM unnest(etl._identity_index(p_entity, p_relation))
                                  AS i (column_name)
                           HAVING count(*) > 0);
BEGIN
    SELECT string_agg(format('%L, s.fields -> %L', c.column_name, c.field), ', ')
      INTO v_values
      FROM etl._platform_columns(p_entity, p_relation) c
     WHERE c.field = ANY (p_fields);
    SELECT string_agg(format('(x.%1$I = v.%1$I%2$s)', c.column_name,
                             CASE WHEN c.field = 'venue'
                                  THEN format(
                                    $$ OR coalesce(x.%1$I, '') = '' OR coalesce(v.%1$I, '') = ''$$,
                                    c.column_name)
                                  WHEN a.attnotnull THEN ''
                                  ELSE format(' OR (x.%1$I IS NULL AND v.%1$I IS NULL)',
                                              c.column_name) END), ' AND ')
      INTO v_identity
      FROM etl._platform_columns(p_entity, p_relation) c
      JOIN pg_attribute a ON a.attrelid = p_relation AND a.attname = c.column_name
     WHERE c.is_identity AND c.field = ANY (p_fields);
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
           string_agg(CASE WHEN c.field IS NULL THEN e.fill
                           WHEN e.fill IS NULL THEN format('v.%I', a.attname)
                           ELSE format('coalesce(v.%I, %s)', a.attname, e.fill) END,
                      ', ' ORDER BY a.attnum)
      INTO v_columns, v_expressions
      FROM pg_attribute a
      LEFT JOIN etl._platform_columns(p_entity, p_relation) c
        ON c.column_name = a.attname AND c.field = ANY (p_fields)
     CROSS JOIN LATERAL (
        SELECT etl._fill_expression(p_relation, a.attname, c.field IS NOT NULL)) AS e (fill)
     WHERE a.attrelid = p_relation AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attgenerated = '' AND a.attidentity <> 'a'
       AND (c.field IS NOT NULL OR e.fill IS NOT NULL);

    RETURN format($statement$
        WITH inserted AS (
            INSERT INTO %1$s AS t (%2$s)
            SELECT %3$s
              FROM etl.row_plan s
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, jsonb_build_object(%4$s)) v
             WHERE s.ctid = ANY ($2)
               AND NOT EXISTS (SELECT FROM %1$s x WHERE %5$s)
             ORDER BY s.position
            %9$s
            RETURNING to_jsonb(t) AS content
        )
        INSERT INTO etl.row_change (execution_id, pass, batch_number, entity, relation, key, after)
        SELECT $1, (SELECT min(s.pass) FROM etl.row_plan s WHERE s.ctid = ANY ($2)), $3, %6$L, %7$s,
               (SELECT jsonb_object_agg(k.column_name, i.content -> k.column_name)
                  FROM unnest(%8$L::text[]) AS k (column_name)),
               i.content
          FROM inserted i
        $statement$, p_relation, v_columns, v_expressions, v_values, coalesce(v_identity, 'false'),
        p_entity, p_relation::oid, etl._key_columns(p_relation), coalesce(v_conflict, ''));
END
$_insert_statement$;
COMMENT ON FUNCTION etl._insert_statement IS
    'Internal: SQL that inserts planned rows into a table of the platform.';
