CREATE OR REPLACE FUNCTION etl._venue_key(p_venue text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_venue_key$
-- The form of a venue's name that etl.venue_alias holds: ASCII capitals and digits, nothing else.
-- Accents go. NULL where nothing is left. Raises nothing.
DECLARE
    v_venue text := left(p_venue, 200);
BEGIN
    IF octet_length(v_venue) > char_length(v_venue) AND getdatabaseencoding() = 'UTF8' THEN
        v_venue := normalize(v_venue, NFKD);
    END IF;
    RETURN nullif(regexp_replace(upper(v_venue COLLATE "C"), '[^A-Z0-9]', '', 'g'), '');
END
$_venue_key$;
COMMENT ON FUNCTION etl._venue_key IS
    'Internal: a venue''s name as etl.venue_alias holds it.';
