CREATE OR REPLACE FUNCTION etl._make_sample_run(
    p_target   etl.correction_target,
    p_options  jsonb,
    p_strategy text,
    p_records  bigint,
    p_total    bigint
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_make_sample_run$
-- Tries a correction on a sample and keeps the forecast made from it. A sample without a row to
-- correct tells nothing: it is not kept, and the target's earlier forecast is deleted.
-- Returns why a row was refused in the sample, if one was.
-- Raises 42501 unless the session may run corrections, ME008 where nothing can be written or the
-- preflight refuses.
-- Tables: writes etl.sample_run, etl.audit_log.
DECLARE
    v_sample jsonb;
BEGIN
    -- Without the group roles, only members of the role that deployed may.
    IF NOT coalesce(pg_has_role(session_user, to_regrole('etl_operator'), 'MEMBER'),
                    pg_has_role(session_user, current_user::name, 'MEMBER')) THEN
        RAISE EXCEPTION 'a sample run is for operators: it writes to %', p_target.fact_table
            USING ERRCODE = 'insufficient_privilege',
                  DETAIL = format('%s is no member of etl_operator. A sample run locks rows for '
                                  'a moment, fires triggers and leaves dead rows behind.',
                                  session_user),
                  HINT = 'Preview without sample_run, or ask an operator.';
    END IF;
    PERFORM etl._check_session(interval '15 seconds');
    PERFORM etl._require_preflight(p_target);
    v_sample := etl._measure_sample(p_target, p_options, p_strategy, p_records, p_total);
    IF (v_sample ->> 'rows')::bigint > 0 THEN
        INSERT INTO etl.sample_run (target, options, forecast, sample)
        VALUES (p_target.target, etl._sample_run_options(p_options),
                etl._extrapolate(p_target, p_options, v_sample, p_records), v_sample)
        ON CONFLICT (target) DO UPDATE
           SET options = excluded.options, forecast = excluded.forecast, sample = excluded.sample,
               sampled_at = excluded.sampled_at, sampled_by = excluded.sampled_by;
    ELSE
        DELETE FROM etl.sample_run t WHERE t.target = p_target.target;
    END IF;
    PERFORM etl._audit('sample_run', NULL, p_target.target, NULL, NULL, p_options);
    RETURN v_sample ->> 'refusal';
END
$_make_sample_run$;
COMMENT ON FUNCTION etl._make_sample_run IS
    'Internal: tries a correction and keeps the forecast.';
