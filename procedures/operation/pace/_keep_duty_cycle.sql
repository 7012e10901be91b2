CREATE OR REPLACE FUNCTION etl._keep_duty_cycle(p_duty_cycle double precision) RETURNS boolean
LANGUAGE plpgsql
AS $_keep_duty_cycle$
-- Sleeps where the turn to work is over, and begins the next one; returns true. See
-- etl._duty_cycle_expression(). A rest is of whole milliseconds, as sleeps are; a turn is of half a
-- one, or as much longer as that asks for. It counts from when the sleep has ended: who is woken
-- late, on a busy machine, works no less for it.
-- p_duty_cycle: percentage of the time in which to work.
-- No SET clause: it runs for many rows; qualifies what it calls.
DECLARE
    v_rest constant double precision := pg_catalog.ceil(
        0.5::double precision * (100::double precision - p_duty_cycle) / p_duty_cycle);
    v_turn constant double precision := v_rest * p_duty_cycle
                                        / (100::double precision - p_duty_cycle);
    v_over constant double precision := nullif(
        pg_catalog.current_setting('mytrader_etl.turn_over', true), '')::double precision;
BEGIN
    IF v_over IS NULL
       OR pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())
          * 1000::double precision >= v_over THEN
        IF v_over IS NOT NULL THEN
            PERFORM pg_catalog.pg_sleep(v_rest / 1000::double precision);
        END IF;
        PERFORM pg_catalog.set_config('mytrader_etl.turn_over', (pg_catalog.date_part(
            'epoch', pg_catalog.clock_timestamp()) * 1000::double precision + v_turn)::text, true);
    END IF;
    RETURN true;
END
$_keep_duty_cycle$;
COMMENT ON FUNCTION etl._keep_duty_cycle IS
    'Internal: sleeps where the turn to work is over.';
