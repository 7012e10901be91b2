CREATE OR REPLACE FUNCTION etl._keep_duty_cycle(p_duty_cycle double precision) RETURNS boolean
LANGUAGE plpgsql
AS $_keep_duty_cycle$
-- Sleeps where the busy time of the duty cycle is over, and begins the next cycle; returns true.
-- See etl._duty_cycle_expression(). The idle time of a cycle is of whole milliseconds, as sleeps
-- are; its busy time is half a millisecond, or as much longer as the idle time asks for. The busy
-- time counts from the end of the sleep: a worker that is woken late works no less for it.
-- p_duty_cycle: percentage of the time in which to work.
-- No SET clause: it runs for many rows; qualifies what it calls.
DECLARE
    v_idle constant double precision := pg_catalog.ceil(
        0.5::double precision * (100::double precision - p_duty_cycle) / p_duty_cycle);
    v_busy constant double precision := v_idle * p_duty_cycle
                                        / (100::double precision - p_duty_cycle);
    v_busy_until constant double precision := nullif(
        pg_catalog.current_setting('mytrader_etl.busy_until', true), '')::double precision;
BEGIN
    IF v_busy_until IS NULL
       OR pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
          * 1000::double precision >= v_busy_until THEN
        IF v_busy_until IS NOT NULL THEN
            PERFORM pg_catalog.pg_sleep(v_idle / 1000::double precision);
        END IF;
        PERFORM pg_catalog.set_config('mytrader_etl.busy_until', (pg_catalog.date_part(
            'epoch', pg_catalog.clock_timestamp()) * 1000::double precision + v_busy)::text, true);
    END IF;
    RETURN true;
END
$_keep_duty_cycle$;
COMMENT ON FUNCTION etl._keep_duty_cycle IS
    'Internal: sleeps where the busy time of the duty cycle is over.';
