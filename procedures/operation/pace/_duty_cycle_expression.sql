CREATE OR REPLACE FUNCTION etl._duty_cycle_expression(
    p_control etl.operation_control,
    p_worker  etl.operation_worker
) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_duty_cycle_expression$
-- SQL expression that is never true, and that makes a statement sleep in between as max_duty_cycle
-- asks for, where it is evaluated for its rows; NULL where there is no such limit. A pause after
-- each batch would not do: other sessions wait for a processor as long as a batch computes. The
-- clock is looked at for as many rows as make some 0.1 ms of work, at random.
SELECT CASE WHEN c.duty_cycle < 100 THEN format(
                'random() < %s::double precision AND NOT etl._keep_duty_cycle(%s)',
                least(1, coalesce(etl._known_row_time(p_control, p_worker, p_worker.row_time)
                                  * c.duty_cycle::double precision / 100, 0.01) / 0.1),
                c.duty_cycle) END
  FROM (SELECT (p_control.limits ->> 'max_duty_cycle')::numeric) AS c (duty_cycle)
$_duty_cycle_expression$;
COMMENT ON FUNCTION etl._duty_cycle_expression IS
    'Internal: SQL expression that makes a statement keep its duty cycle.';
