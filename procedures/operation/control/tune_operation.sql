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
-- Locks: the control row, for a moment.
-- Tables: writes etl.operation_control, etl.audit_log.
-- Raises ME002, ME003.
-- SECURITY DEFINER: operators have no rights on the tables.
-- Every name in the statement comes from etl._setting_columns().
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_new jsonb := (
        SELECT jsonb_strip_nulls(to_jsonb(o))
          FROM (SELECT batch_size, adaptive, target_batch_time, lock_timeout, pause_between_batches,
                       max_replica_lag, max_slot_lag, max_wal_rate, max_duty_cycle, max_dead_rows,
                       max_snapshot_age, allowed_hours, max_retries, max_error_rate, timeout) AS o);
    v_not_a_limit text;
    r_old etl.operation_control;
    r_new etl.operation_control;
BEGIN
    SELECT l.name INTO v_not_a_limit
      FROM unnest(tune_operation.lift) AS l (name)
     WHERE l.name <> ALL (etl._limits()) OR l.name IS NULL OR v_new ? l.name
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'option lift names what cannot be lifted: %',
            coalesce(v_not_a_limit, 'NULL')
            USING ERRCODE = 'ME003',
                  DETAIL = 'It is no limit, or was given a value in the same call.',
                  HINT = format('Limits: %s.', array_to_string(etl._limits(), ', '));
    END IF;
    PERFORM etl._check_options(v_new);
    v_new := v_new || etl._limits_of(v_new);
    PERFORM etl._require_operation(tune_operation.execution_id);
    SELECT c.* INTO r_old
      FROM etl.operation_control c
     WHERE c.execution_id = tune_operation.execution_id
       FOR UPDATE;
    r_new := jsonb_populate_record(r_old, v_new);
    r_new.limits := (r_old.limits || etl._limits_of(v_new)) - coalesce(tune_operation.lift, '{}');
    v_new := v_new || coalesce((SELECT jsonb_object_agg(l.name, NULL)
                                  FROM unnest(tune_operation.lift) AS l (name)), '{}');
    EXECUTE format(
        'UPDATE etl.operation_control c SET (limits, deadline, wal_paid_at, %1$s) = '
        '(SELECT n.limits, $3, $4, %2$s FROM (SELECT ($2).*) AS n) WHERE c.execution_id = $1',
        etl._columns_clause(etl._setting_columns()),
        etl._columns_clause(etl._setting_columns(), 'n'))
    USING tune_operation.execution_id, r_new,
          r_old.deadline + (r_new.timeout - r_old.timeout),
          CASE WHEN r_new.limits -> 'max_wal_rate'
                    IS NOT DISTINCT FROM r_old.limits -> 'max_wal_rate'
               THEN r_old.wal_paid_at END;
    PERFORM etl._warn_unseen(v_new);
    PERFORM etl._audit('tune', tune_operation.execution_id, h.target, tune_operation.reason,
                       (SELECT jsonb_object_agg(o.key, o.value)
                          FROM jsonb_each(to_jsonb(r_old) || r_old.limits) o
                         WHERE v_new ? o.key), v_new)
       FROM public.etl_execution_history h WHERE h.execution_id = tune_operation.execution_id;
    RETURN QUERY
    SELECT n.key, (to_jsonb(r_old) || r_old.limits) ->> n.key, n.value
      FROM jsonb_each_text(v_new) n
     ORDER BY n.key;
END
$tune_operation$;
COMMENT ON FUNCTION etl.tune_operation IS $comment$
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
