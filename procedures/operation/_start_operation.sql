CREATE OR REPLACE FUNCTION etl._start_operation(
    p_execution_id         uuid,
    p_operation            text,
    p_target               text,
    p_subject_execution_id uuid,
    p_options              jsonb,
    p_reason               text,
    p_parent_execution_id  uuid DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_start_operation$
-- Writes the history row and the control row of a new operation; the caller has checked the
-- options.
-- p_subject_execution_id: the operation that it is about, such as the one that it undoes.
-- p_parent_execution_id: the operation that starts it as a part of its own work.
-- p_options: all options of the routine, in its own names. Completed by the defaults of
-- etl._job_options() they become the parameters of the history.
-- Returns true: started; false: an operation of that id exists, to be resumed or reported.
-- Tables: writes etl_execution_history, etl.operation_control, etl.audit_log.
-- Raises ME001 (target is held), ME003 (the id belongs to another job), ME010 (unknown kind of
-- job).
-- Every name in the statement comes from etl._setting_columns().
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_options constant jsonb := etl._job_options(p_operation, p_options);
    r_known public.etl_execution_history;
BEGIN
    PERFORM etl._require_job(p_operation);
    LOOP
        SELECT h.* INTO r_known
          FROM public.etl_execution_history h
         WHERE h.execution_id = p_execution_id;
        IF FOUND THEN
            IF (r_known.operation, r_known.target) <> (p_operation, p_target)
               OR r_known.subject_execution_id IS DISTINCT FROM p_subject_execution_id
               OR r_known.parent_execution_id IS DISTINCT FROM p_parent_execution_id THEN
                RAISE EXCEPTION 'id % belongs to another operation', p_execution_id
                    USING ERRCODE = 'ME003',
                          DETAIL = format('It is a %s of target %s.',
                                          r_known.operation, r_known.target),
                          HINT = 'Leave the id out, or bring a new one: gen_random_uuid().';
            END IF;
            RETURN false;
        END IF;

        PERFORM etl._claim_target(p_target, p_execution_id);
        BEGIN
            INSERT INTO public.etl_execution_history (
                execution_id, operation, target, subject_execution_id, parent_execution_id,
                parameters, dry_run, reason, library_version)
            VALUES (
                p_execution_id, p_operation, p_target, p_subject_execution_id,
                p_parent_execution_id, v_options,
                coalesce((v_options ->> 'dry_run')::boolean, false), p_reason, etl.version());
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            -- Another session was faster, with this id or on this target: look again.
            CONTINUE;
        END;
    END LOOP;

    EXECUTE format(
        'INSERT INTO etl.operation_control (execution_id, deadline, limits, %1$s) '
        'SELECT $1, clock_timestamp() + o.timeout, $3, %1$s '
        'FROM jsonb_populate_record(NULL::etl.operation_control, $2) o',
        etl._columns_clause(etl._setting_columns()))
    USING p_execution_id, v_options, etl._limits_of(v_options);
    PERFORM etl._warn_unseen(v_options);
    PERFORM etl._audit(p_operation, p_execution_id, p_target, p_reason, NULL, v_options);
    RETURN true;
END
$_start_operation$;
COMMENT ON FUNCTION etl._start_operation IS
    'Internal: begins an operation, or finds the one that bears the id.';
