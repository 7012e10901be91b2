CREATE OR REPLACE FUNCTION etl._paced_condition(p_condition text, p_duty_check text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_paced_condition$
-- An SQL condition with etl._duty_cycle_expression() before it, in one expression: of two
-- conditions the planner would evaluate the sleep last, for the rows that fulfil the other.
SELECT CASE WHEN p_duty_check IS NULL THEN p_condition
            ELSE format('CASE WHEN %s THEN false ELSE %s END', p_duty_check, p_condition) END
$_paced_condition$;
COMMENT ON FUNCTION etl._paced_condition IS
    'Internal: SQL condition that keeps the duty cycle before it is evaluated.';
