CREATE OR REPLACE FUNCTION etl._check_session(
    p_timeout  interval,
    p_may_wait boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_check_session$
-- Refuses a session in which a long CALL could not write, or would be cut in the middle.
-- p_timeout: longest time that the operation may take.
-- p_may_wait: besides that, it may wait for its allowed hours.
-- Raises ME008.
DECLARE
    v_statement_timeout   interval := current_setting('statement_timeout')::interval;
    -- PostgreSQL 17
    v_transaction_timeout interval := current_setting('transaction_timeout', true)::interval;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby'
            USING ERRCODE = 'ME008',
                  DETAIL = 'pg_is_in_recovery() is true: nothing can be written here.',
                  HINT = 'Connect to the primary, for example with '
                         'target_session_attrs=read-write.';
    END IF;
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'this session is read-only'
            USING ERRCODE = 'ME008',
                  DETAIL = 'transaction_read_only is on.',
                  HINT = 'SET default_transaction_read_only = off; then call again.';
    END IF;
    -- It counts for the whole CALL, and cannot be lifted from within.
    IF v_statement_timeout > interval '0' AND (v_statement_timeout < p_timeout OR p_may_wait) THEN
        RAISE EXCEPTION 'statement_timeout would cut this operation'
            USING ERRCODE = 'ME008',
                  DETAIL = format('statement_timeout is %s, the operation may take %s.',
                                  v_statement_timeout, p_timeout),
                  HINT = 'SET statement_timeout = 0; then call again. '
                         'The operation has its own option timeout.';
    END IF;
    IF v_transaction_timeout > interval '0' AND v_transaction_timeout < p_timeout THEN
        RAISE EXCEPTION 'transaction_timeout could end this session'
            USING ERRCODE = 'ME008',
                  DETAIL = format('transaction_timeout is %s, the operation may take %s.',
                                  v_transaction_timeout, p_timeout),
                  HINT = 'SET transaction_timeout = 0; then call again. '
                         'The operation has its own option timeout.';
    END IF;
END
$_check_session$;
COMMENT ON FUNCTION etl._check_session IS
    'Internal: raises ME008 on a standby, in a read-only session, or under a timeout of the '
    'session that would cut the CALL.';
