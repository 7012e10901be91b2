CREATE OR REPLACE FUNCTION etl._with_rest(p_condition text, p_rest text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_with_rest$
-- An SQL condition with the rest of etl._rest_clause() before it, in one: of two conditions the planner would
-- evaluate the rest last, for the rows that fulfil the other.
SELECT CASE WHEN p_rest IS NULL THEN p_condition ELSE format('CASE WHEN %s THEN false ELSE %s END', p_rest, p_condition) END
$_with_rest$;
COMMENT ON FUNCTION etl._with_rest(text, text) IS
    'Internal: SQL condition that rests before it is evaluated.';
