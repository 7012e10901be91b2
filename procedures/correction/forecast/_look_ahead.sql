CREATE OR REPLACE FUNCTION etl._look_ahead(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_batch   etl.batch_claim,
    OUT index_shares jsonb,
    OUT saved_bytes  numeric
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_look_ahead$
-- Looks at the rows to correct in a batch as they will be.
-- index_shares: predicate of a partial index -> share of the rows that it will hold. One of the
-- rows that are NULL, say, gets none.
-- saved_bytes: what a row takes up in the backup table; 0 without one.
-- Every name in the statement is quoted by format; volatile: it must see what was written just
-- before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_query text;
    v_share numeric;
    r_index record;
BEGIN
    v_query := etl._candidate_query(
        p_target, p_history.parameters, format('ONLY %s', p_batch.relation::regclass),
        CASE WHEN p_batch.row_locations IS NULL THEN 'm.ctid >= $2 AND m.ctid < $3'
             ELSE 'm.ctid = ANY ($4)' END,
        false, '%s');
    index_shares := '{}';
    FOR r_index IN
        SELECT DISTINCT l.predicate
          FROM etl._index_load(p_target, 0) l
         WHERE l.predicate IS NOT NULL
    LOOP
        EXECUTE format(
            'SELECT avg((%s)::integer) FROM (%s) AS corrected', r_index.predicate,
            replace(v_query, '%s', format(
                '(jsonb_populate_record(m, jsonb_build_object(%L, map.new_value))).*',
                p_target.value_column)))
           INTO v_share
          USING p_history.execution_id, format('(%s,0)', p_batch.first_item)::tid,
                format('(%s,0)', p_batch.end_item)::tid, p_batch.row_locations;
        index_shares := index_shares
                        || jsonb_build_object(r_index.predicate, coalesce(v_share, 0));
    END LOOP;

    saved_bytes := 0;
    IF (p_history.parameters ->> 'create_backup')::boolean THEN
        -- A row of a table has the header of a composite value, is aligned to 8 bytes, and has a
        -- pointer of 4.
        EXECUTE replace(v_query, '%s', format(
            'avg(ceil(pg_column_size(ROW(%s, m.%I, map.new_value, %s)) / 8.0) * 8 + 4) '
            '* 8192 / 8168',
            etl._columns_clause(etl._saved_columns(p_target), 'm'), p_target.value_column,
            (SELECT string_agg(replace(b.expression, '$4', '0'), ', ')
               FROM etl._backup_columns() b)))
           INTO saved_bytes
          USING p_history.execution_id, format('(%s,0)', p_batch.first_item)::tid,
                format('(%s,0)', p_batch.end_item)::tid, p_batch.row_locations;
    END IF;
END
$_look_ahead$;
COMMENT ON FUNCTION etl._look_ahead IS
    'Internal: the rows to correct in a batch as they will be.';
