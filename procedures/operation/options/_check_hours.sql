CREATE OR REPLACE FUNCTION etl._check_hours(p_hours text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_check_hours$
-- Raises ME003 for allowed_hours that cannot be read, or that begin when they end.
DECLARE
    v_ends text[] := regexp_match(p_hours, '^\s*(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)(?:\s+\S+)?\s*$');
    v_problem text;
BEGIN
    IF p_hours IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        IF v_ends IS NULL THEN
            v_problem := 'It is not of the form HH:MM-HH:MM, with or without a time zone.';
        ELSIF v_ends[1]::time = v_ends[2]::time THEN
            v_problem := 'It begins when it ends.';
        ELSE
            PERFORM etl._opens_at(p_hours, clock_timestamp());
        END IF;
    EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow
                   OR invalid_parameter_value THEN
        v_problem := format('It cannot be read: %s.', SQLERRM);
    END;
    IF v_problem IS NOT NULL THEN
        RAISE EXCEPTION 'option allowed_hours is not a span of hours'
            USING ERRCODE = 'ME003',
                  DETAIL = format('allowed_hours => %L was given. %s', p_hours, v_problem),
                  HINT = 'For example ''22:00-06:00'', or ''22:00-06:00 Europe/Istanbul''.';
    END IF;
END
$_check_hours$;
COMMENT ON FUNCTION etl._check_hours IS
    'Internal: raises ME003 for allowed hours that cannot be read.';
