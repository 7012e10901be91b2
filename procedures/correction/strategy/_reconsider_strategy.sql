CREATE OR REPLACE FUNCTION etl._reconsider_strategy(
    p_history public.etl_execution_history,
    p_control etl.operation_control,
    p_target  etl.correction_target
) RETURNS public.etl_execution_history
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_reconsider_strategy$
-- After a sweep that has measured the whole table: whether an index finds what is left now for a
-- fraction of the cost of another sweep. Then it is recorded as the strategy, and the measurement
-- is stored, to be carried on by what is changed from here on. An index holds the rows that were
-- corrected until a vacuum takes them out. When it began is not known: one of two that have ended
-- since began after them. Only where an index or a constraint answers for all conditions, and where
-- a backup tells what was changed.
-- Returns the history row as it is then.
-- Tables: writes etl_execution_history, etl.analysis.
DECLARE
    v_counts  constant bigint[] := etl._pass_counts(p_history.execution_id, p_control.pass);
    v_vacuums constant jsonb := etl._vacuums(p_target.fact_table);
    r_history public.etl_execution_history;
BEGIN
    IF NOT (p_history.parameters ->> 'create_backup')::boolean
       OR jsonb_typeof(p_history.parameters -> 'target_symbols') = 'array'
       OR NOT etl._finds_by_index(p_target, p_history.parameters)
       OR EXISTS (
           SELECT FROM (SELECT DISTINCT k.relation
                          FROM etl.operation_batch b
                          JOIN etl.operation_chunk k USING (execution_id, pass, chunk_number)
                         WHERE b.execution_id = p_history.execution_id
                           AND b.changed > 0 AND b.pass = 1) c
            WHERE (v_vacuums ->> c.relation::text)::bigint
                  < (p_history.result -> 'vacuums' ->> c.relation::text)::bigint + 2
       ) THEN
        RETURN p_history;
    END IF;
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object(
               'strategy', s.strategy,
               'strategy_reason', 'after ' || (h.result ->> 'strategy') || ': ' || s.reason,
               'reads_for_empty', s.reads_for_empty, 'measured_pass', p_control.pass)
      FROM etl._choose_strategy(p_target, p_history.parameters, v_counts,
                                etl._dead_rows_left(p_target)) s
     WHERE h.execution_id = p_history.execution_id
       AND s.strategy = 'index' AND NOT s.reads_for_empty
    RETURNING h.* INTO r_history;
    IF NOT FOUND THEN
        RETURN p_history;
    END IF;
    PERFORM etl._store_analysis(p_history.target, p_history.execution_id, v_counts, interval '0');
    RETURN r_history;
END
$_reconsider_strategy$;
COMMENT ON FUNCTION etl._reconsider_strategy IS
    'Internal: goes on by index where a sweep has left few rows.';
