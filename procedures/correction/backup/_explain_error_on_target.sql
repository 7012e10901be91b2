CREATE OR REPLACE FUNCTION etl._explain_error_on_target(
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
AS $_explain_error_on_target$
-- Finds what lies behind an error that ends an operation: a table or column that was changed while
-- it ran (ME008), a backup that was dropped or altered (ME007). Anything else is passed on as it
-- is.
BEGIN
    error_code := p_sqlstate;
    message := p_message;
    detail := p_detail;
    hint := p_hint;
    IF p_sqlstate NOT IN ('42P01', '42703', '42804', '42601', '55000', 'ME004', 'XX000') THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM etl._require_target(p_history.target, p_history.operation <> 'rollback');
    EXCEPTION WHEN SQLSTATE 'ME004' THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        error_code := 'ME008';
        message := format('the target was changed while the operation ran. %s', detail);
        detail := NULL;
        RETURN;
    END;
    BEGIN
        PERFORM etl._require_backup(etl._correction_id(p_history));
    EXCEPTION WHEN SQLSTATE 'ME007' THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        error_code := 'ME007';
        message := SQLERRM;
    END;
END
$_explain_error_on_target$;
COMMENT ON FUNCTION etl._explain_error_on_target IS
    'Internal: traces an error to a changed target or a changed backup.';
