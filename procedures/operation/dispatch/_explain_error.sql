CREATE OR REPLACE FUNCTION etl._explain_error(
    p_history  public.etl_execution_history,
    p_sqlstate text,
    p_message  text,
    p_detail   text,
    p_hint     text,
    OUT error_code text,
    OUT message    text,
    OUT detail     text,
    OUT hint       text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_explain_error$
-- Hook: what lies behind an error that ends an operation, where the job can tell; otherwise the
-- error as it is.
BEGIN
    error_code := p_sqlstate;
    message := p_message;
    detail := p_detail;
    hint := p_hint;
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN
            SELECT e.error_code, e.message, e.detail, e.hint
              INTO error_code, message, detail, hint
              FROM etl._explain_error_on_target(p_history, p_sqlstate, p_message,
                                                p_detail, p_hint) e;
        WHEN 'platform', 'backups' THEN NULL;
    END CASE;
END
$_explain_error$;
COMMENT ON FUNCTION etl._explain_error IS
    'Internal: hook that traces an error to its cause.';
