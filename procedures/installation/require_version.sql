CREATE OR REPLACE FUNCTION etl.require_version(library_version text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $require_version$
-- Lets a client of another version refuse before it does anything.
-- Returns the installed version.
-- Raises ME010.
DECLARE
    v_installed text := etl.version();
BEGIN
    IF v_installed IS DISTINCT FROM require_version.library_version THEN
        RAISE EXCEPTION 'the library and the installed schema do not match'
            USING ERRCODE = 'ME010',
                  DETAIL = format('The library is %s, the schema was installed by %s.',
                                  require_version.library_version,
                                  coalesce(v_installed, 'no version')),
                  HINT = 'Older schema: run "mytrader-etl migrate up". '
                         'Older library: upgrade it with pip.';
    END IF;
    RETURN v_installed;
END
$require_version$;
COMMENT ON FUNCTION etl.require_version IS $comment$
Raises ME010 unless a version of the library is the installed one; returns it otherwise.

Parameters:
  library_version: Version that is wanted, for example 0.1.0.
$comment$;
