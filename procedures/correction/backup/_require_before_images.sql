CREATE OR REPLACE FUNCTION etl._require_before_images(
    p_correction public.etl_execution_history,
    p_backup     regclass
) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_require_before_images$
-- Raises ME007 where a backup table holds fewer rows than its correction changed.
-- Every name in the statement is quoted by regclass.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_saved bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ONLY %s', p_backup) INTO v_saved;
    IF v_saved < p_correction.records_changed THEN
        RAISE EXCEPTION 'backup table % was altered', p_backup
            USING ERRCODE = 'ME007',
                  DETAIL = format('It holds %s before-images, the correction changed %s rows.',
                                  v_saved, p_correction.records_changed),
                  HINT = 'Restore the table from a dump, or restore what there is by hand '
                         'as the runbook shows.';
    END IF;
END
$_require_before_images$;
COMMENT ON FUNCTION etl._require_before_images IS
    'Internal: raises ME007 where rows of a backup table are missing.';
