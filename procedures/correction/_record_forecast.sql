CREATE OR REPLACE FUNCTION etl._record_forecast(
    p_execution_id uuid,
    p_target       etl.correction_target,
    p_options      jsonb
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_forecast$
-- Notes at the start of a correction what it is expected to cost, and the sizes it begins with.
-- A dry run changes nothing: there is nothing to forecast. Tables: writes etl_execution_history.
BEGIN
    IF (p_options ->> 'dry_run')::boolean THEN
        RETURN;
    END IF;
    UPDATE public.etl_execution_history h
       SET forecast = etl._forecast(p_target, p_options, etl._records_to_expect(p_target, p_options), t.records)
                      || to_jsonb(s)
      FROM etl._target_sizes(p_target.fact_table) s,
           (SELECT sum(greatest(c.reltuples, 0))::bigint AS records
              FROM etl._leaf_tables(p_target.fact_table) l JOIN pg_class c ON c.oid = l.relation) t
     WHERE h.execution_id = p_execution_id;
END
$_record_forecast$;
COMMENT ON FUNCTION etl._record_forecast(uuid, etl.correction_target, jsonb) IS
    'Internal: notes what a correction is expected to cost.';
