CREATE OR REPLACE FUNCTION etl._remaining(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_pass    smallint
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $_remaining$
-- Rows that a measuring pass found still to be corrected, failed records not counted. Some of these
-- may have gone, or be right by now: they are looked up by their keys.
-- Volatile: it must see what was written just before.
-- @plpgsql_check_options: performance_warnings = off
DECLARE
    v_remaining bigint := etl._count_of(etl._pass_counts(p_history.execution_id, p_pass),
                                        'remaining');
    v_refused   bigint;
BEGIN
    IF v_remaining = 0 OR NOT etl._has_failures(p_history.execution_id) THEN
        RETURN v_remaining;
    END IF;
    EXECUTE etl._candidate_query(
        p_target, p_history.parameters,
        format('(SELECT q.* FROM etl.failed_record f JOIN %s q ON %s '
               'WHERE f.execution_id = $1 AND f.resolved_at IS NULL)',
               p_target.fact_table, etl._key_condition(p_target, 'q', 'f.key')),
        'true', false, 'count(*)')
    INTO v_refused USING p_history.execution_id;
    RETURN greatest(0, v_remaining - v_refused);
END
$_remaining$;
COMMENT ON FUNCTION etl._remaining IS
    'Internal: rows still to be corrected after a measuring pass.';
