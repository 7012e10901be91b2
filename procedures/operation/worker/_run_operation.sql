CREATE OR REPLACE PROCEDURE etl._run_operation(
    p_execution_id uuid,
    p_is_joining   boolean,
    p_timeout      interval,
    INOUT status         text,
    INOUT changed        bigint,
    INOUT skipped        bigint,
    INOUT failed         bigint,
    INOUT batches        bigint,
    INOUT backup_table   text,
    INOUT quality_before numeric,
    INOUT quality_after  numeric,
    INOUT duration       interval
)
LANGUAGE plpgsql
AS $_run_operation$
-- The loop of every worker of every job: one transaction a step. It has no SET clause, runs with
-- the caller's rights and holds no logic, because only such a procedure may COMMIT; the functions
-- that it calls do the work. It compares nothing itself: operators would be looked up in the
-- caller's search_path.
-- Raises what ended the operation: ME009, ME011, ME012, or the error of a worker.
DECLARE
    v_worker    integer;
    v_is_over   boolean;
    v_must_wait boolean;
BEGIN
    -- Isolation is set right after each COMMIT: evaluating any expression may take a snapshot, and
    -- then it is too late. Whatever the role's default, each batch must see what was committed
    -- before it.
    v_worker := etl._enter_operation(p_execution_id, p_is_joining, p_timeout);
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

    IF v_worker IS NOT NULL THEN
        LOOP
            SELECT w.is_over, w.must_wait INTO v_is_over, v_must_wait
              FROM etl._work(p_execution_id, v_worker) w;
            COMMIT;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            EXIT WHEN v_is_over;
            WHILE v_must_wait LOOP
                v_must_wait := etl._wait(p_execution_id, v_worker);
                COMMIT;
                SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
            END LOOP;
        END LOOP;
    END IF;

    SELECT r.status, r.changed, r.skipped, r.failed, r.batches, r.backup_table,
           r.quality_before, r.quality_after, r.duration
      INTO status, changed, skipped, failed, batches, backup_table,
           quality_before, quality_after, duration
      FROM etl._operation_result(p_execution_id) r;
END
$_run_operation$;
COMMENT ON PROCEDURE etl._run_operation IS
    'Internal: works on an operation until it ends or stops; returns its result row.';
