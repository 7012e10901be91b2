CREATE OR REPLACE FUNCTION etl._estimate_duration(
    p_target        text,
    p_to_change     bigint,
    p_total_records bigint
) RETURNS interval
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_estimate_duration$
-- Duration of a correction in one session: at the rate of this target's last completed corrections
-- where there are any, of a usual machine otherwise (60,000 changes and 2,000,000 reads a second).
SELECT date_trunc('milliseconds', make_interval(secs => coalesce(
    (SELECT p_to_change / nullif(sum(h.records_changed)
                                 / sum(extract(epoch FROM h.finished_at - h.started_at)), 0)
       FROM (SELECT e.records_changed, e.started_at, e.finished_at
               FROM public.etl_execution_history e
              WHERE e.target = p_target AND e.operation = 'correction' AND NOT e.dry_run
                AND e.finished_at > e.started_at AND e.records_changed > 1000
              ORDER BY e.started_at DESC
              LIMIT 5) h
     HAVING sum(h.records_changed) > 0)
    + p_total_records / 2000000.0,
    p_to_change / 60000.0 + p_total_records / 2000000.0)::double precision))
$_estimate_duration$;
COMMENT ON FUNCTION etl._estimate_duration IS
    'Internal: estimated duration of a correction.';
