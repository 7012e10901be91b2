CREATE OR REPLACE FUNCTION etl._start_operation(
    p_execution_id        uuid,
    p_operation           text,
    p_target              text,
    p_parent_execution_id uuid,
    p_options             jsonb,
    p_reason              text
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_start_operation$
-- Writes the history row and the control row of a new operation; the caller has checked the options.
-- p_options: all options of the routine, in its own names; they become the parameters of the history.
-- Returns true: started; false: an operation of that id exists, to be resumed or reported.
-- Tables: writes etl_execution_history, etl.operation_control, etl.audit_log.
-- Raises ME001 (target is held), ME003 (the id belongs to another job).
DECLARE
    r_known public.etl_execution_history;
BEGIN
    LOOP
        SELECT h.* INTO r_known
          FROM public.etl_execution_history h
         WHERE h.execution_id = p_execution_id;
        IF FOUND THEN
            IF (r_known.operation, r_known.target) <> (p_operation, p_target)
               OR r_known.parent_execution_id IS DISTINCT FROM p_parent_execution_id THEN
                RAISE EXCEPTION 'id % belongs to another operation', p_execution_id
                    USING ERRCODE = 'ME003',
                          DETAIL = format('It is a %s of target %s.', r_known.operation, r_known.target),
                          HINT = 'Leave the id out, or bring a new one: gen_random_uuid().';
            END IF;
            RETURN false;
        END IF;

        PERFORM etl._claim_target(p_target, p_execution_id);
        BEGIN
            INSERT INTO public.etl_execution_history (
                execution_id, operation, target, parent_execution_id, parameters, dry_run,
                reason, library_version)
            VALUES (
                p_execution_id, p_operation, p_target, p_parent_execution_id, p_options,
                coalesce((p_options ->> 'dry_run')::boolean, false), p_reason, etl.version());
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            -- Another session was faster, with this id or on this target: look again.
            CONTINUE;
        END;
    END LOOP;

    INSERT INTO etl.operation_control (
        execution_id, deadline, timeout, batch_size, adaptive, target_batch_time, lock_timeout,
        max_retries, max_error_rate, pause_between_batches, max_replica_lag, max_slot_lag, max_wal_rate,
        max_duty_cycle, max_dead_rows, max_snapshot_age, allowed_hours)
    SELECT p_execution_id, clock_timestamp() + o.timeout, o.timeout, o.batch_size, o.adaptive,
           o.target_batch_time, o.lock_timeout, o.max_retries, o.max_error_rate,
           o.pause_between_batches, o.max_replica_lag, o.max_slot_lag, o.max_wal_rate,
           o.max_duty_cycle, o.max_dead_rows, o.max_snapshot_age, etl._zoned_hours(o.allowed_hours)
      FROM jsonb_to_record(p_options) AS o (
               timeout interval, batch_size integer, adaptive boolean, target_batch_time interval,
               lock_timeout interval, max_retries integer, max_error_rate numeric,
               pause_between_batches interval, max_replica_lag interval, max_slot_lag text, max_wal_rate text,
               max_duty_cycle numeric, max_dead_rows numeric, max_snapshot_age interval, allowed_hours text);
    PERFORM etl._warn_unseen(p_options);
    PERFORM etl._audit(p_operation, p_execution_id, p_target, p_reason, NULL, p_options);
    RETURN true;
END
$_start_operation$;
COMMENT ON FUNCTION etl._start_operation(uuid, text, text, uuid, jsonb, text) IS
    'Internal: begins an operation, or finds the one that bears the id.';
