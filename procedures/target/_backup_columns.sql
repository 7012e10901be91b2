CREATE OR REPLACE FUNCTION etl._backup_columns()
RETURNS TABLE (name text, type text, expression text)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_backup_columns$
-- Columns that a backup table has for itself, behind the key, the old value and the new one.
-- expression: their value for a row m that a batch has just changed; $4 is the number of the batch.
-- changed_at tells which of two before-images of a row is the later one, so it is the time of the
-- row.
VALUES
    ('batch_number', 'integer', '$4'),
    ('row_location', 'tid', 'm.ctid'),
    ('row_table', 'oid', 'm.tableoid'),
    ('changed_at', 'timestamptz', 'clock_timestamp()')
$_backup_columns$;
COMMENT ON FUNCTION etl._backup_columns IS
    'Internal: columns that a backup table has for itself.';
