CREATE OR REPLACE FUNCTION etl._require_preflight(p_target etl.correction_target) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_preflight$
-- Raises ME008 for the first blocking finding of the preflight.
DECLARE
    r_finding record;
BEGIN
    SELECT f.* INTO r_finding FROM etl._preflight(p_target) f WHERE f.is_blocking LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the preflight refused target %: %', p_target.target, r_finding.risk
            USING ERRCODE = 'ME008', DETAIL = r_finding.detail, HINT = r_finding.mitigation;
    END IF;
END
$_require_preflight$;
COMMENT ON FUNCTION etl._require_preflight IS
    'Internal: raises ME008 where the preflight finds a reason not to run.';
