CREATE OR REPLACE FUNCTION etl._expand_pattern(
    p_pattern text,
    OUT pattern text,
    OUT form    text
) RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_expand_pattern$
-- The regular expressions that a pattern of etl.asset_class_rule stands for.
-- pattern: {fiat} and its like become the enabled codes of that kind in etl.currency_code, or
-- something that never matches where there are none.
-- form: the same with anything in place of codes. What matches pattern matches form, and form is
-- tried ten times as fast. NULL for patterns that forbid codes.
DECLARE
    v_kinds CONSTANT text := '\{((?:fiat|metal|commodity|coin|stablecoin)!?|quote)\}';
    v_kind  text;
    v_codes text;
BEGIN
    pattern := replace(p_pattern, '{sep}', '[-/_:. ]');
    IF p_pattern !~ '\(\?<?!' THEN
        form := regexp_replace(pattern, v_kinds, '[A-Z0-9]+', 'g');
    END IF;
    FOR v_kind IN
        SELECT DISTINCT m.found[1] FROM regexp_matches(pattern, v_kinds, 'g') m (found)
    LOOP
        -- Taken together by first letters: what decides the speed is how many ways there are to
        -- go on after each letter.
        SELECT string_agg(b.branch, '|' ORDER BY b.branch COLLATE "C")
          INTO v_codes
          FROM (SELECT left(c.code, 1) || '(?:' || string_agg(DISTINCT substr(c.code, 2), '|')
                       || ')' AS branch
                  FROM etl.currency_code c
                 WHERE c.is_enabled
                   AND (v_kind = 'quote' OR c.kind = rtrim(v_kind, '!'))
                   AND (c.is_quote OR (v_kind <> 'quote' AND v_kind NOT LIKE '%!'))
                 GROUP BY left(c.code, 1)) b;
        pattern := replace(pattern, '{' || v_kind || '}',
                           coalesce('(?:' || v_codes || ')', '(?!)'));
    END LOOP;
END
$_expand_pattern$;
COMMENT ON FUNCTION etl._expand_pattern IS
    'Internal: the regular expressions that a rule''s pattern stands for.';
