CREATE OR REPLACE FUNCTION etl._rows_saved(p_correction_id uuid) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_rows_saved$
-- Rows that a correction and its retries have changed, each with its before-image. What a retry has
-- changed becomes the correction's when it ends, see etl._settle_retry().
SELECT coalesce(sum(h.records_changed), 0)::bigint
  FROM public.etl_execution_history h
 WHERE h.execution_id = p_correction_id
    OR h.subject_execution_id = p_correction_id AND h.operation = 'retry'
       AND h.status NOT IN ('completed', 'completed_with_errors')
$_rows_saved$;
COMMENT ON FUNCTION etl._rows_saved IS
    'Internal: rows that a correction and its retries have changed.';
