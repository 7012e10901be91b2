CREATE OR REPLACE FUNCTION etl._check_transition() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_check_transition$
-- Keeps the life cycle of an operation legal, whoever writes its row.
-- Raises 23514.
DECLARE
    v_legal constant jsonb := jsonb '{
        "running": ["paused", "completed", "completed_with_errors", "failed", "cancelled",
                    "timed_out", "interrupted"],
        "paused": ["running", "cancelled"],
        "interrupted": ["running", "cancelled", "rolled_back", "partially_rolled_back"],
        "failed": ["running", "rolled_back", "partially_rolled_back"],
        "cancelled": ["running", "rolled_back", "partially_rolled_back"],
        "timed_out": ["running", "rolled_back", "partially_rolled_back"],
        "completed": ["rolled_back", "partially_rolled_back"],
        "completed_with_errors": ["completed", "rolled_back", "partially_rolled_back"],
        "partially_rolled_back": ["rolled_back"],
        "rolled_back": []
    }';
BEGIN
    IF old.status <> new.status AND NOT v_legal -> old.status ? new.status THEN
        RAISE EXCEPTION 'operation % cannot go from % to %',
            old.execution_id, old.status, new.status
            USING ERRCODE = 'check_violation',
                  DETAIL = format('From %s an operation goes to: %s.',
                                  old.status, v_legal -> old.status),
                  HINT = 'The history is written by the routines of schema etl only.';
    END IF;
    RETURN new;
END
$_check_transition$;
COMMENT ON FUNCTION etl._check_transition IS
    'Internal: trigger that refuses illegal status changes of an operation.';

CREATE OR REPLACE TRIGGER etl_execution_history_transition
    BEFORE UPDATE OF status ON public.etl_execution_history
    FOR EACH ROW EXECUTE FUNCTION etl._check_transition();
