CREATE OR REPLACE FUNCTION etl._collect_rows(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_pass    smallint
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET constraint_exclusion = on
AS $_collect_rows$
-- Plans a pass over single rows: those that need correction now, as an index finds them, or, for a
-- retry, failed records.
-- Returns how many the pass has, those included that a search has planned.
-- Tables: writes etl.operation_chunk.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    v_chunk    constant integer := 5000;
    v_query    text;
    v_rows     bigint;
    v_chunks   integer;
    v_searched bigint;
BEGIN
    SELECT count(*)::integer, coalesce(sum(k.end_item), 0)::bigint INTO v_chunks, v_searched
      FROM etl.operation_chunk k
     WHERE k.execution_id = p_history.execution_id AND k.pass = p_pass;
    IF p_history.operation = 'retry' THEN
        v_query := format(
            'SELECT m.tableoid AS relation, m.ctid AS place '
            'FROM etl.failed_record f JOIN %s m ON %s '
            'WHERE f.execution_id = $1 AND f.resolved_at IS NULL',
            p_target.fact_table, etl._key_condition(p_target, 'm', 'f.key'));
    ELSE
        SELECT string_agg(etl._candidate_query(
                   p_target, p_history.parameters, p_target.fact_table::text, c.condition,
                   etl._has_failures(p_history.execution_id),
                   'm.tableoid AS relation, m.ctid AS place'), ' UNION ALL ')
          INTO v_query
          FROM unnest(etl._search_conditions(p_target, p_history.parameters))
               WITH ORDINALITY AS c (condition, number)
         WHERE c.number = 1
            OR NOT coalesce((p_history.result ->> 'reads_for_empty')::boolean, false);
    END IF;
    EXECUTE format($statement$
        WITH numbered AS (
            SELECT q.relation, q.place,
                   (row_number() OVER (PARTITION BY q.relation ORDER BY q.place) - 1) / $3 AS chunk
              FROM (%s) q
        ), planned AS (
            INSERT INTO etl.operation_chunk (
                execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
                rows_per_item, row_locations)
            SELECT $2, $4, $5 + row_number() OVER (ORDER BY n.relation, n.chunk), n.relation,
                   0, 0, count(*), 1, array_agg(n.place ORDER BY n.place)
              FROM numbered n
             GROUP BY n.relation, n.chunk
            RETURNING end_item
        )
        SELECT $6 + coalesce(sum(p.end_item), 0) FROM planned p
        $statement$, v_query)
    INTO v_rows
    USING etl._correction_id(p_history), p_history.execution_id, v_chunk, p_pass, v_chunks,
          v_searched;
    RETURN v_rows;
END
$_collect_rows$;
COMMENT ON FUNCTION etl._collect_rows IS
    'Internal: plans a pass over single rows.';
