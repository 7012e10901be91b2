CREATE OR REPLACE FUNCTION etl._normalize_ticker(p_ticker text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_normalize_ticker$
-- A ticker in the one form in which tickers are compared: capitals, no padding, one space at most
-- between words and none around separators, ASCII letters and separators for their look-alikes.
-- Of text too long to be a ticker only the beginning. NULL where nothing is left.
-- STABLE: look-alikes are known in UTF8 databases only. Raises nothing.
DECLARE
    c_longest CONSTANT integer := 400;
    v_ticker text := left(btrim(p_ticker, E' \t\n\x0B\f\r'), 10 * c_longest);
BEGIN
    IF octet_length(v_ticker) > char_length(v_ticker) AND getdatabaseencoding() = 'UTF8' THEN
        v_ticker := normalize(translate(
            normalize(v_ticker, NFKC),
            -- Dashes, slashes, and characters without width; by number, since other encodings
            -- could not even read them here.
            chr(8208) || chr(8210) || chr(8211) || chr(8212) || chr(8722) || chr(8260) || chr(8725)
            || chr(8203) || chr(8204) || chr(8205) || chr(65279),
            '-----//'), NFKC);
    END IF;
    -- Capitals by ASCII alone: what the locale makes of an i must not matter.
    v_ticker := upper(v_ticker COLLATE "C");
    IF v_ticker ~ '\s' THEN
        v_ticker := regexp_replace(btrim(regexp_replace(v_ticker, '\s+', ' ', 'g')),
                                   ' ?([-/_:.]) ?', '\1', 'g');
    END IF;
    RETURN nullif(rtrim(left(v_ticker, c_longest)), '');
END
$_normalize_ticker$;
COMMENT ON FUNCTION etl._normalize_ticker IS
    'Internal: a ticker in the one form in which tickers are compared.';
