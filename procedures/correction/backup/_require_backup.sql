CREATE OR REPLACE FUNCTION etl._require_backup(p_correction_id uuid) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_require_backup$
-- The backup table of a correction; NULL: it was to have none.
-- Raises ME007: dropped, renamed away, or a column of it is gone.
DECLARE
    r_backup  etl.correction_backup;
    v_missing text;
BEGIN
    SELECT b.* INTO r_backup
      FROM etl.correction_backup b
     WHERE b.execution_id = p_correction_id AND b.purged_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r_backup.relation) THEN
        RAISE EXCEPTION 'backup table % is missing', r_backup.backup_table
            USING ERRCODE = 'ME007',
                  DETAIL = format('It held the before-images of correction %s.', p_correction_id),
                  HINT = 'Restore it from a dump and register it: UPDATE etl.correction_backup '
                         'SET relation = ''<table>'' WHERE execution_id = ''<id>''.';
    END IF;
    SELECT string_agg(quote_ident(n.name), ', ')
      INTO v_missing
      FROM etl.correction_target t
     CROSS JOIN LATERAL unnest(etl._saved_columns(t) || t.value_column || 'new_value'::text
                               || ARRAY(SELECT c.name FROM etl._backup_columns() c
                                         WHERE c.is_required)) AS n (name)
     WHERE t.target = r_backup.target
       AND NOT EXISTS (SELECT FROM pg_attribute a
                        WHERE a.attrelid = r_backup.relation AND a.attname = n.name
                          AND NOT a.attisdropped);
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION 'backup table % was altered', r_backup.backup_table
            USING ERRCODE = 'ME007',
                  DETAIL = format('Columns that are gone: %s.', v_missing),
                  HINT = 'Restore the table from a dump, or restore by hand as the runbook shows.';
    END IF;
    RETURN r_backup.relation;
END
$_require_backup$;
COMMENT ON FUNCTION etl._require_backup IS
    'Internal: the backup table of a correction; raises ME007 where it is missing or altered.';
