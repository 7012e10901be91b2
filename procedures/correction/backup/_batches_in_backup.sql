CREATE OR REPLACE FUNCTION etl._batches_in_backup(p_history public.etl_execution_history)
RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_batches_in_backup$
-- Highest batch number given by a correction and its retries, which share a backup and count its
-- batches together: no number is given twice. NULL for a rollback, which writes no backup.
SELECT max(c.last_batch_number)
  FROM public.etl_execution_history h
  JOIN etl.operation_control c USING (execution_id)
 WHERE p_history.operation IN ('correction', 'retry')
   AND (h.execution_id = etl._correction_id(p_history)
        OR h.subject_execution_id = etl._correction_id(p_history) AND h.operation = 'retry')
$_batches_in_backup$;
COMMENT ON FUNCTION etl._batches_in_backup IS
    'Internal: highest batch number in a backup.';
