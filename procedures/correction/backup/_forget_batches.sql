CREATE OR REPLACE FUNCTION etl._forget_batches(p_older_than interval) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_forget_batches$
-- Deletes the chunks, batches and mapping of up to 100 operations that ended longer than
-- p_older_than ago and that nothing will come back to: the backup that they wrote or read is
-- purged, or they ended for good without one.
-- Returns how many operations; their rows in the history stay, and say so in result.
-- Tables: writes etl.operation_chunk, etl.operation_batch, etl.correction_mapping,
-- etl_execution_history.
DECLARE
    v_ids uuid[];
BEGIN
    SELECT array_agg(o.execution_id)
      INTO v_ids
      FROM (SELECT h.execution_id
              FROM public.etl_execution_history h
              LEFT JOIN etl.correction_backup k
                ON k.execution_id = coalesce(h.subject_execution_id, h.execution_id)
             WHERE h.finished_at <= clock_timestamp() - p_older_than
               AND NOT h.result ? 'batches_purged_at'
               AND (k.purged_at IS NOT NULL
                    OR k.execution_id IS NULL
                       AND h.status IN ('completed', 'completed_with_errors', 'rolled_back')
                       AND NOT etl._has_failures(coalesce(h.subject_execution_id, h.execution_id)))
             ORDER BY h.finished_at
             LIMIT 100) o;
    DELETE FROM etl.operation_batch WHERE execution_id = ANY (v_ids);
    DELETE FROM etl.operation_chunk WHERE execution_id = ANY (v_ids);
    DELETE FROM etl.correction_mapping WHERE execution_id = ANY (v_ids);
    UPDATE public.etl_execution_history h
       SET result = h.result || jsonb_build_object('batches_purged_at', clock_timestamp())
     WHERE h.execution_id = ANY (v_ids);
    RETURN coalesce(cardinality(v_ids), 0)::bigint;
END
$_forget_batches$;
COMMENT ON FUNCTION etl._forget_batches IS
    'Internal: deletes the chunks and batches of operations that ended long ago.';
