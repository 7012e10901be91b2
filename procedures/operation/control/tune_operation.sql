CREATE OR REPLACE FUNCTION etl.tune_operation(
    execution_id          uuid,
    batch_size            integer DEFAULT NULL,
    adaptive              boolean DEFAULT NULL,
    target_batch_time     interval DEFAULT NULL,
    lock_timeout          interval DEFAULT NULL,
    pause_between_batches interval DEFAULT NULL,
    max_replica_lag       interval DEFAULT NULL,
    max_slot_lag          text DEFAULT NULL,
    max_wal_rate          text DEFAULT NULL,
    max_duty_cycle        numeric DEFAULT NULL,
    max_dead_rows         numeric DEFAULT NULL,
    max_snapshot_age      interval DEFAULT NULL,
    allowed_hours         text DEFAULT NULL,
    max_retries           integer DEFAULT NULL,
    max_error_rate        numeric DEFAULT NULL,
    timeout               interval DEFAULT NULL,
    lift                  text[] DEFAULT NULL,
    reason                text DEFAULT NULL
) RETURNS TABLE (setting text, old_value text, new_value text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $tune_operation$
-- Changes the settings of an operation while it runs, or before it is resumed.
-- Locks: the control row, for a moment. Tables: writes etl.operation_control, etl.audit_log.
-- Raises ME002, ME003. SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_new jsonb := jsonb_strip_nulls(jsonb_build_object(
        'batch_size', tune_operation.batch_size,
        'adaptive', tune_operation.adaptive,
        'target_batch_time', tune_operation.target_batch_time,
        'lock_timeout', tune_operation.lock_timeout,
        'pause_between_batches', tune_operation.pause_between_batches,
        'max_replica_lag', tune_operation.max_replica_lag,
        'max_slot_lag', tune_operation.max_slot_lag,
        'max_wal_rate', tune_operation.max_wal_rate,
        'max_duty_cycle', tune_operation.max_duty_cycle,
        'max_dead_rows', tune_operation.max_dead_rows,
        'max_snapshot_age', tune_operation.max_snapshot_age,
        'allowed_hours', tune_operation.allowed_hours,
        'max_retries', tune_operation.max_retries,
        'max_error_rate', tune_operation.max_error_rate,
        'timeout', tune_operation.timeout));
    v_not_a_limit text;
    r_old etl.operation_control;
    r_new etl.operation_control;
BEGIN
    SELECT l.name INTO v_not_a_limit
      FROM unnest(tune_operation.lift) AS l (name)
     WHERE l.name <> ALL (etl._limits()) OR l.name IS NULL OR v_new ? l.name
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'option lift names what cannot be lifted: %', coalesce(v_not_a_limit, 'NULL')
            USING ERRCODE = 'ME003',
                  DETAIL = 'It is no limit, or was given a value in the same call.',
                  HINT = format('Limits: %s.', array_to_string(etl._limits(), ', '));
    END IF;
    PERFORM etl._check_options(v_new);
    v_new := v_new || coalesce((SELECT jsonb_object_agg(l.name, NULL) FROM unnest(tune_operation.lift) AS l (name)), '{}')
                   || jsonb_strip_nulls(jsonb_build_object('allowed_hours', etl._zoned_hours(tune_operation.allowed_hours)));
    PERFORM etl._require_operation(tune_operation.execution_id);
    SELECT c.* INTO r_old
      FROM etl.operation_control c
     WHERE c.execution_id = tune_operation.execution_id
       FOR UPDATE;
    r_new := jsonb_populate_record(r_old, v_new);
    UPDATE etl.operation_control c
       SET batch_size = r_new.batch_size,
           adaptive = r_new.adaptive,
           target_batch_time = r_new.target_batch_time,
           lock_timeout = r_new.lock_timeout,
           pause_between_batches = r_new.pause_between_batches,
           max_replica_lag = r_new.max_replica_lag,
           max_slot_lag = r_new.max_slot_lag,
           max_wal_rate = r_new.max_wal_rate,
           wal_paid_at = CASE WHEN r_new.max_wal_rate IS NOT DISTINCT FROM r_old.max_wal_rate THEN c.wal_paid_at END,
           max_duty_cycle = r_new.max_duty_cycle,
           max_dead_rows = r_new.max_dead_rows,
           max_snapshot_age = r_new.max_snapshot_age,
           allowed_hours = r_new.allowed_hours,
           max_retries = r_new.max_retries,
           max_error_rate = r_new.max_error_rate,
           timeout = r_new.timeout,
           deadline = r_old.deadline + (r_new.timeout - r_old.timeout)
     WHERE c.execution_id = tune_operation.execution_id;
    PERFORM etl._warn_unseen(v_new);
    PERFORM etl._audit('tune', tune_operation.execution_id, h.target, tune_operation.reason,
                       (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(r_old)) o WHERE v_new ? o.key), v_new)
       FROM public.etl_execution_history h WHERE h.execution_id = tune_operation.execution_id;
    RETURN QUERY
    SELECT n.key, to_jsonb(r_old) ->> n.key, n.value
      FROM jsonb_each_text(v_new) n
     ORDER BY n.key;
END
$tune_operation$;
COMMENT ON FUNCTION etl.tune_operation(uuid, integer, boolean, interval, interval, interval, interval, text, text, numeric, numeric, interval, text, integer, numeric, interval, text[], text) IS $comment$
Changes settings of an operation while it runs.
The change takes effect with the next batch, and is audited. NULL leaves a setting alone.

Parameters:
  timeout: Time limit, counted from the start or the last resume.
  lift: Names of limits that shall hold no longer, such as max_wal_rate.
As in etl.cancel_operation: execution_id.
As in etl.correct_asset_classes: batch_size, adaptive, target_batch_time, lock_timeout,
  pause_between_batches, max_replica_lag, max_slot_lag, max_wal_rate, max_duty_cycle,
  max_dead_rows, max_snapshot_age, allowed_hours, max_retries, max_error_rate, reason.
Returns one row per setting changed.
Raises ME002, ME003.
$comment$;
