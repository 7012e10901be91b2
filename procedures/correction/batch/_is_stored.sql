CREATE OR REPLACE FUNCTION etl._is_stored(p_intended text, p_stored text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $_is_stored$
-- Validation of a changed row: what the row holds after all triggers is what was meant to be
-- written.
-- Returns true.
-- Raises 27000, which makes the row a failed one.
-- No SET clause: it runs for every row.
BEGIN
    IF p_stored IS NOT DISTINCT FROM p_intended THEN
        RETURN true;
    END IF;
    RAISE EXCEPTION 'the row holds % after it was set to %',
        pg_catalog.quote_nullable(p_stored), pg_catalog.quote_nullable(p_intended)
        USING ERRCODE = 'triggered_data_change_violation',
              DETAIL = 'A trigger or the type of the column changed the value.',
              HINT = 'See the triggers of the table; '
                     'then CALL etl.retry_failed_records(correction_id).';
END
$_is_stored$;
COMMENT ON FUNCTION etl._is_stored IS
    'Internal: true, or an error where a row does not hold what was written.';
