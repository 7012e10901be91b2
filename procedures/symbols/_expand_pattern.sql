CREATE OR REPLACE FUNCTION etl._expand_pattern(p_pattern text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_expand_pattern$
-- The regular expression that a pattern of etl.asset_class_rule stands for: {fiat} and its like
-- become the enabled codes of that kind in etl.currency_code, the longest first, or something that
-- never matches where there are none.
DECLARE
    v_pattern text := replace(p_pattern, '{sep}', '[-/_:. ]');
    v_name    text;
BEGIN
    FOR v_name IN
        SELECT DISTINCT m.found[1]
          FROM regexp_matches(v_pattern, '\{((?:fiat|metal|commodity|coin|stablecoin)!?|quote)\}', 'g') m (found)
    LOOP
        SELECT replace(v_pattern, '{' || v_name || '}',
                       coalesce('(?:' || string_agg(c.code, '|' ORDER BY char_length(c.code) DESC, c.code)
                                || ')', '(?!)'))
          INTO v_pattern
          FROM (SELECT DISTINCT cc.code
                  FROM etl.currency_code cc
                 WHERE cc.is_enabled
                   AND (v_name = 'quote' OR cc.kind = rtrim(v_name, '!'))
                   AND (cc.is_quote OR (v_name <> 'quote' AND v_name NOT LIKE '%!'))) c;
    END LOOP;
    RETURN v_pattern;
END
$_expand_pattern$;
COMMENT ON FUNCTION etl._expand_pattern(text) IS
    'Internal: the regular expression that a rule''s pattern stands for.';
