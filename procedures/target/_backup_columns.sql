CREATE OR REPLACE FUNCTION etl._backup_columns()
RETURNS TABLE (name text, type text, expression text, is_required boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_backup_columns$
-- Columns of a backup table besides the key, the old value and the new one.
-- expression: their value for a row m that a batch has just changed; $4 is the number of the batch.
-- is_required: a rollback reads it. Backups of earlier versions lack a newer column, so it is not.
-- changed_at tells which of two before-images of a row is the later one, so it is taken for each
-- row, not for each statement.
VALUES
    ('batch_number', 'integer', '$4', true),
    ('row_location', 'tid', 'm.ctid', true),
    ('row_table', 'oid', 'm.tableoid', true),
    ('changed_at', 'timestamptz', 'clock_timestamp()', true)
$_backup_columns$;
COMMENT ON FUNCTION etl._backup_columns IS
    'Internal: columns of a backup table besides key and values.';
