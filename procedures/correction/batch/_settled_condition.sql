CREATE OR REPLACE FUNCTION etl._settled_condition(p_age text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_settled_condition$
-- SQL condition: a version of row m was there before the correction began. p_age: SQL expression
-- for the age of the youngest such version, or NULL: all are. See etl._settled_age(). Frozen
-- versions keep the number of their transaction, which seems to be one to come after two billion.
SELECT format('(age(m.xmin) BETWEEN -100000000 AND %s) IS NOT TRUE', p_age)
$_settled_condition$;
COMMENT ON FUNCTION etl._settled_condition IS
    'Internal: SQL condition that a row version was there before a correction began.';
