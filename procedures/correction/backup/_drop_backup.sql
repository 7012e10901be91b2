CREATE OR REPLACE FUNCTION etl._drop_backup(p_correction_id uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_drop_backup$
-- Drops the backup table of a correction; one that is gone already is taken for dropped.
-- Tables: writes etl.correction_backup, etl_execution_history.
DECLARE
    v_relation regclass;
BEGIN
    UPDATE etl.correction_backup
       SET purged_at = clock_timestamp()
     WHERE execution_id = p_correction_id
    RETURNING relation INTO v_relation;
    IF EXISTS (SELECT FROM pg_class c WHERE c.oid = v_relation) THEN
        EXECUTE format('DROP TABLE %s', v_relation);
    END IF;
    UPDATE public.etl_execution_history
       SET backup_table = NULL
     WHERE execution_id = p_correction_id;
END
$_drop_backup$;
COMMENT ON FUNCTION etl._drop_backup IS
    'Internal: drops the backup table of a correction.';
