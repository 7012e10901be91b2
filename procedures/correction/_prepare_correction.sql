CREATE OR REPLACE FUNCTION etl._prepare_correction(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_prepare_correction$
-- Takes the mapping snapshot, chooses the strategy, and plans the first pass: the measurement,
-- where the table is going to be read anyway or was never measured; the search for empty values,
-- where no index finds them.
-- Tables: writes etl.correction_mapping, etl.operation_chunk, etl_execution_history.
DECLARE
    r_target etl.correction_target := etl._require_target(p_history.target);
BEGIN
    EXECUTE format('INSERT INTO etl.correction_mapping '
                   '(execution_id, match_value, new_value, known_values, verdict) '
                   'SELECT $2, q.match_value, q.new_value, q.known_values, q.verdict FROM (%s) q '
                   'ON CONFLICT DO NOTHING', etl._mapping_query(r_target))
    USING NULL::text[], p_history.execution_id;
    ANALYZE etl.correction_mapping;

    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object(
               'oldest_transaction', pg_snapshot_xmin(pg_current_snapshot())::text)
     WHERE h.execution_id = p_history.execution_id;
    p_history := etl._record_strategy(p_history, r_target);

    IF p_history.result ->> 'strategy' = 'blocks'
       OR NOT EXISTS (SELECT FROM etl.analysis a WHERE a.target = p_history.target) THEN
        PERFORM etl._plan_blocks(p_history.execution_id, 0::smallint, r_target.fact_table, false);
        PERFORM etl._enter_phase(p_history.execution_id, 'measuring', 0::smallint, 0, 5);
    ELSIF (p_history.result ->> 'reads_for_empty')::boolean THEN
        PERFORM etl._plan_blocks(p_history.execution_id, 0::smallint, r_target.fact_table, false);
        PERFORM etl._enter_phase(p_history.execution_id, 'searching', 0::smallint, 0, 5);
    ELSE
        PERFORM etl._plan_correction(p_history);
    END IF;
END
$_prepare_correction$;
COMMENT ON FUNCTION etl._prepare_correction IS
    'Internal: mapping snapshot, strategy and first pass of a correction.';
