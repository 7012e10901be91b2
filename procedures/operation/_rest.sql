CREATE OR REPLACE FUNCTION etl._rest(p_duty_cycle double precision, p_worker_number integer) RETURNS boolean
LANGUAGE plpgsql
AS $_rest$
-- Sleeps unless it is this worker's turn to work; returns true. See etl._rest_clause().
-- p_duty_cycle: percentage of the time in which it works. Turns of a millisecond are cut from the clock,
-- so nothing has to be remembered, and those of the workers follow each other.
-- No SET clause: it runs for many rows; qualifies what it calls.
DECLARE
    v_turn   constant double precision := 0.001::double precision;
    v_period constant double precision := v_turn * 100::double precision / p_duty_cycle;
    v_moment constant double precision := pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) - p_worker_number * v_turn;
    v_phase  constant double precision := v_moment - v_period * pg_catalog.floor(v_moment / v_period);
BEGIN
    IF v_phase > v_turn THEN
        PERFORM pg_catalog.pg_sleep(v_period - v_phase);
    END IF;
    RETURN true;
END
$_rest$;
COMMENT ON FUNCTION etl._rest(double precision, integer) IS
    'Internal: sleeps until it is a worker''s turn to work.';
