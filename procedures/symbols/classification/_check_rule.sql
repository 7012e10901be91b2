CREATE OR REPLACE FUNCTION etl._check_rule() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_check_rule$
-- Trigger of etl.asset_class_rule: refuses a pattern that is no regular expression, so that
-- classification never fails on a rule.
-- SECURITY DEFINER: whoever may write rules need not be able to run internals.
-- Raises ME003.
DECLARE
    v_error text;
BEGIN
    BEGIN
        PERFORM '' ~ e.pattern, '' ~ e.form, '' ~ NEW.venue_pattern
           FROM etl._expand_pattern(NEW.ticker_pattern) e;
        RETURN NEW;
    EXCEPTION WHEN invalid_regular_expression THEN
        v_error := SQLERRM;
    END;
    RAISE EXCEPTION 'rule % has a pattern that cannot be read', NEW.rule
        USING ERRCODE = 'ME003',
              DETAIL = v_error,
              HINT = 'Braces other than {fiat}, {coin} and the like must follow what they repeat; '
                     'see the comment on etl.asset_class_rule.ticker_pattern.';
END
$_check_rule$;
COMMENT ON FUNCTION etl._check_rule IS
    'Internal: trigger that refuses patterns that are no regular expressions.';

CREATE OR REPLACE TRIGGER asset_class_rule_is_readable
    BEFORE INSERT OR UPDATE ON etl.asset_class_rule
    FOR EACH ROW EXECUTE FUNCTION etl._check_rule();
