CREATE OR REPLACE FUNCTION etl._audit(
    p_action       text,
    p_execution_id uuid,
    p_target       text,
    p_reason       text DEFAULT NULL,
    p_before       jsonb DEFAULT NULL,
    p_after        jsonb DEFAULT NULL
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_audit$
-- Who, when and from where come from the column defaults.
INSERT INTO etl.audit_log (action, execution_id, target, reason, before, after)
VALUES (p_action, p_execution_id, p_target, p_reason, p_before, p_after)
$_audit$;
COMMENT ON FUNCTION etl._audit IS
    'Internal: adds an entry to the audit log.';
