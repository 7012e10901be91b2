CREATE OR REPLACE FUNCTION etl._require_role(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_require_role$
-- Raises 42501 where the session may not run a job of this kind: what a role may not start it may
-- not join or resume either. Whoever has the rights of the deploying role may run all.
DECLARE
    v_role text;
BEGIN
    SELECT j.role INTO STRICT v_role FROM etl._jobs() j WHERE j.operation = p_history.operation;
    IF coalesce(pg_has_role(session_user, to_regrole(v_role), 'MEMBER'), false)
       OR pg_has_role(session_user, current_user::name, 'MEMBER') THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'permission denied for % %', p_history.operation, p_history.execution_id
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = format('%s is no member of %s, who run operations of this kind.',
                              session_user, v_role),
              HINT = format('Ask a member of %s, or: GRANT %1$s TO %I;', v_role, session_user);
END
$_require_role$;
COMMENT ON FUNCTION etl._require_role IS
    'Internal: raises 42501 where the session may not run an operation.';
