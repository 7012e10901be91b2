CREATE OR REPLACE FUNCTION etl._undo_statement(
    p_entity    text,
    p_relation  regclass,
    p_is_insert boolean,
    p_columns   text[]
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_undo_statement$
-- SQL that undoes changes of one kind in one table, records the outcomes and returns how many it
-- undid. The touch column (updated_at) does not make a conflict; it is restored while it is still
-- ours.
-- p_columns: columns that any of the updates changed.
-- Parameters: $1 undo, $2 places in etl.row_change, $3 whether to force, $4 whether it is a dry
-- run.
DECLARE
    v_touch  text := coalesce(etl._platform_column(p_entity, p_relation, 'updated_at'), '');
    v_action text;
BEGIN
    IF p_is_insert THEN
        v_action := format('DELETE FROM %s t USING found f '
                           'WHERE t.ctid = f.tid AND f.may_undo AND NOT $4 RETURNING f.change_id',
                           p_relation);
    ELSE
        SELECT format('UPDATE %s t SET %s FROM found f '
                      'CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, f.before) v '
                      'WHERE t.ctid = f.tid AND f.may_undo AND NOT $4 RETURNING f.change_id',
                      p_relation,
                      string_agg(format('%1$I = CASE WHEN f.before ? %1$L%2$s '
                                        'THEN v.%1$I ELSE t.%1$I END',
                                        c.column_name,
                                        CASE WHEN c.column_name = v_touch
                                             THEN format(' AND (f.content -> %1$L = f.after -> %1$L'
                                                         ' OR $3)', c.column_name)
                                             ELSE '' END), ', '))
          INTO v_action
          FROM unnest(p_columns) AS c (column_name);
    END IF;
    RETURN format($statement$
        WITH scope AS MATERIALIZED (
            SELECT c.change_id, c.key, c.before, c.after
              FROM etl.row_change c
             WHERE c.ctid = ANY ($2)
        ), place AS MATERIALIZED (
            SELECT c.change_id, c.before, c.after, t.ctid AS tid, to_jsonb(t) AS content
              FROM scope c
             CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$s, c.key) k
              JOIN %1$s t ON %2$s
               FOR UPDATE OF t
        ), judged AS MATERIALIZED (
            SELECT p.*, etl._holds(p.content, p.after - %3$L::text) AS is_ours,
                   p.before IS NOT NULL AND etl._holds(p.content, p.before - %3$L::text) AS is_old
              FROM place p
        ), found AS MATERIALIZED (
            SELECT j.*, NOT (j.is_old AND NOT j.is_ours) AND (j.is_ours OR $3) AS may_undo
              FROM judged j
        ), undone AS (
            %4$s
        ), outcome AS (
            INSERT INTO etl.undo_outcome (undo_id, change_id, outcome, message)
            SELECT $1, c.change_id,
                   CASE WHEN f.change_id IS NULL THEN 'missing'
                        WHEN f.is_ours THEN 'restored'
                        WHEN f.is_old THEN 'unchanged'
                        WHEN $3 THEN 'forced' ELSE 'kept' END,
                   CASE WHEN NOT f.is_ours AND NOT f.is_old
                        THEN (SELECT format('changed since: %%s',
                                            string_agg(a.key, ', ' ORDER BY a.key))
                                FROM jsonb_each(f.after - %3$L::text) a
                               WHERE f.content -> a.key IS DISTINCT FROM a.value) END
              FROM scope c
              LEFT JOIN found f USING (change_id)
             WHERE NOT $4
        )
        SELECT count(*)
          FROM found f
         WHERE f.may_undo AND ($4 OR f.change_id IN (SELECT u.change_id FROM undone u))
        $statement$, p_relation,
        etl._same_row_condition(p_relation, 't', 'k'), v_touch, v_action);
END
$_undo_statement$;
COMMENT ON FUNCTION etl._undo_statement IS
    'Internal: SQL that undoes changes of one kind in one table.';
