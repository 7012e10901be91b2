CREATE OR REPLACE FUNCTION etl.list_backups(
    OUT backup_table text,
    OUT execution_id uuid,
    INOUT target text DEFAULT NULL,
    OUT created_at timestamptz,
    OUT records bigint,
    OUT size_bytes bigint,
    OUT status text,
    OUT age interval
) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $list_backups$
-- SECURITY DEFINER: readers may not see the tables themselves.
SELECT b.backup_table, b.execution_id, b.target, b.created_at,
       coalesce(b.records, h.records_changed),
       pg_total_relation_size(c.oid),
       CASE WHEN b.purged_at IS NOT NULL THEN 'purged'
            WHEN c.oid IS NULL THEN 'missing'
            WHEN h.status = 'rolled_back' THEN 'rolled_back'
            ELSE 'available' END,
       date_trunc('second', clock_timestamp() - b.created_at)
  FROM etl.correction_backup b
  JOIN public.etl_execution_history h ON h.execution_id = b.execution_id
  LEFT JOIN pg_class c ON c.oid = b.relation AND b.purged_at IS NULL
 WHERE (list_backups.target IS NULL OR b.target = list_backups.target)
 ORDER BY b.created_at DESC
$list_backups$;
COMMENT ON FUNCTION etl.list_backups IS $comment$
Lists the backup tables, newest first.
records counts the rows, size_bytes is the total size in bytes. status tells whether a rollback can
use the table: available, rolled_back, missing (dropped by hand) or purged.

Parameters:
  target: Only backups of this target. NULL means all.
$comment$;
