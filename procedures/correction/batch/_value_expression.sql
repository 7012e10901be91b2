CREATE OR REPLACE FUNCTION etl._value_expression(
    p_target     etl.correction_target,
    p_duty_check text DEFAULT NULL
) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_value_expression$
-- SQL expression for the value of row m, as text, where rows are fetched by their places: then no
-- index may be used for anything else. Where statistics know nothing of the rows yet, it would seem
-- cheaper, and lead to all of them in every batch. GREATEST of one value is that value, but not
-- what an index has.
-- p_duty_check: see etl._duty_cycle_expression(). It is part of the value, since any other
-- condition on the row might be evaluated before it, and leave it to few rows.
SELECT format(CASE WHEN p_duty_check IS NULL THEN 'greatest(m.%1$I::text)'
                   ELSE 'CASE WHEN %2$s THEN NULL ELSE m.%1$I::text END' END,
              p_target.value_column, p_duty_check)
$_value_expression$;
COMMENT ON FUNCTION etl._value_expression IS
    'Internal: SQL expression for the value of a row that is fetched by its place.';
