CREATE OR REPLACE FUNCTION etl._zoned_hours(p_hours text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_zoned_hours$
-- Hours with the time zone of this session, where they name none: workers of other sessions, which
-- may have other zones, mean the same hours.
SELECT btrim(p_hours) || CASE WHEN btrim(p_hours) ~ '\s*-\s*\S+\s+\S+$' THEN ''
                              ELSE ' ' || current_setting('TimeZone') END
$_zoned_hours$;
COMMENT ON FUNCTION etl._zoned_hours IS
    'Internal: allowed hours with a time zone.';
