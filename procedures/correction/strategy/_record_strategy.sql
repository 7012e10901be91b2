CREATE OR REPLACE FUNCTION etl._record_strategy(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_counts  bigint[] DEFAULT NULL
) RETURNS public.etl_execution_history
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_strategy$
-- Chooses the strategy of a correction and records it with its reason.
-- p_counts: what was measured, if it was, see etl._choose_strategy().
-- Returns the history row as it is then.
-- Tables: writes etl_execution_history.
BEGIN
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object(
               'strategy', s.strategy, 'strategy_reason', s.reason,
               'reads_for_empty', s.reads_for_empty)
      FROM etl._choose_strategy(p_target, p_history.parameters, p_counts,
                                CASE WHEN p_counts IS NULL THEN 0
                                     ELSE etl._dead_rows_left(p_target) END) s
     WHERE h.execution_id = p_history.execution_id
    RETURNING h.* INTO p_history;
    RETURN p_history;
END
$_record_strategy$;
COMMENT ON FUNCTION etl._record_strategy IS
    'Internal: chooses and records the strategy of a correction.';
