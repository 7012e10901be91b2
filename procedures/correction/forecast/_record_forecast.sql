CREATE OR REPLACE FUNCTION etl._record_forecast(p_history public.etl_execution_history)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_forecast$
-- Notes, before a correction changes anything, what it is expected to cost, and the sizes it begins
-- with. Looking at sizes takes a lock that DDL may hold, so this is a step's, not the start's.
-- A dry run changes nothing, and a retry too little: nothing is forecast.
-- Tables: writes etl_execution_history.
DECLARE
    r_target etl.correction_target;
BEGIN
    IF p_history.dry_run OR p_history.operation <> 'correction' THEN
        RETURN;
    END IF;
    SELECT t.* INTO r_target FROM etl.correction_target t WHERE t.target = p_history.target;
    UPDATE public.etl_execution_history h
       SET forecast = etl._forecast(r_target, p_history.parameters,
                                    etl._records_to_expect(r_target, p_history.parameters),
                                    t.records)
                      || to_jsonb(s)
      FROM etl._target_sizes(r_target.fact_table) s,
           (SELECT sum(greatest(c.reltuples, 0))::bigint AS records
              FROM etl._leaf_tables(r_target.fact_table) l JOIN pg_class c ON c.oid = l.relation) t
     WHERE h.execution_id = p_history.execution_id;
END
$_record_forecast$;
COMMENT ON FUNCTION etl._record_forecast IS
    'Internal: notes what a correction is expected to cost.';
