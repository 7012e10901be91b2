CREATE OR REPLACE FUNCTION etl._enter_phase(
    p_execution_id  uuid,
    p_phase         text,
    p_pass          smallint,
    p_progress_from numeric,
    p_progress_to   numeric
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_enter_phase$
-- Ends the current phase and begins the next, over the chunks of p_pass that have been planned.
-- Tables: writes etl.operation_control, etl_execution_history.
DECLARE
    v_began timestamptz;
BEGIN
    SELECT c.phase_started_at INTO v_began
      FROM etl.operation_control c
     WHERE c.execution_id = p_execution_id;
    UPDATE etl.operation_control c
       SET pass = p_pass,
           items_done = 0,
           items_total = (SELECT coalesce(sum(k.end_item - k.first_item), 0)
                            FROM etl.operation_chunk k
                           WHERE k.execution_id = p_execution_id AND k.pass = p_pass),
           progress_from = p_progress_from,
           progress_to = p_progress_to,
           phase_started_at = clock_timestamp()
     WHERE c.execution_id = p_execution_id;
    UPDATE public.etl_execution_history h
       SET phase = p_phase,
           progress_percent = p_progress_from,
           phase_timings = h.phase_timings || jsonb_build_object(h.phase,
               round(coalesce((h.phase_timings ->> h.phase)::numeric, 0)
                     + etl._milliseconds(clock_timestamp() - v_began)::numeric)),
           heartbeat_at = clock_timestamp()
     WHERE h.execution_id = p_execution_id;
END
$_enter_phase$;
COMMENT ON FUNCTION etl._enter_phase IS
    'Internal: ends the current phase of an operation and begins the next.';
