CREATE OR REPLACE FUNCTION etl._restore_scope(
    p_history    public.etl_execution_history,
    p_target     etl.correction_target,
    p_first_item bigint DEFAULT NULL,
    p_end_item   bigint DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_restore_scope$
-- SQL condition on a row b of the backup: this rollback is about it, by symbol and batch, and no
-- earlier rollback of the correction has dealt with it. What an earlier one did is its pieces up to
-- their cursors, within its own restriction, but for the rows that it had to leave.
-- p_first_item, p_end_item: blocks that b lies in, where known.
DECLARE
    v_symbols text := '';
    v_batches text := '';
    v_earlier text := '';
BEGIN
    IF jsonb_typeof(p_history.parameters -> 'target_symbols') = 'array' THEN
        v_symbols := format(' AND b.%I::text = ANY (%L::text[])', p_target.match_column,
                            ARRAY(SELECT jsonb_array_elements_text(p_history.parameters -> 'target_symbols')));
    END IF;
    IF jsonb_typeof(p_history.parameters -> 'batch_numbers') = 'array' THEN
        v_batches := format(' AND b.batch_number = ANY (%L::integer[])',
                            ARRAY(SELECT jsonb_array_elements_text(p_history.parameters -> 'batch_numbers')));
    END IF;
    IF EXISTS (SELECT FROM public.etl_execution_history h
                WHERE h.parent_execution_id = p_history.parent_execution_id AND h.operation = 'rollback'
                  AND NOT h.dry_run AND h.execution_id <> p_history.execution_id) THEN
        v_earlier := format($condition$
            AND NOT EXISTS (
                SELECT FROM public.etl_execution_history r
                  JOIN etl.operation_chunk k ON k.execution_id = r.execution_id AND k.pass = 1
                 WHERE r.parent_execution_id = %1$L AND r.execution_id <> %2$L
                   AND r.operation = 'rollback' AND NOT r.dry_run
                   AND k.next_item > %3$s AND k.first_item < %4$s
                   AND b.ctid >= format('(%%s,0)', k.first_item)::tid
                   AND b.ctid < format('(%%s,0)', k.next_item)::tid
                   AND (r.parameters -> 'target_symbols' = 'null' OR r.parameters -> 'target_symbols' ? b.%5$I::text)
                   AND (r.parameters -> 'batch_numbers' = 'null' OR r.parameters -> 'batch_numbers' @> to_jsonb(b.batch_number))
                   AND NOT EXISTS (SELECT FROM etl.rollback_exception x
                                    WHERE x.rollback_id = r.execution_id AND x.backup_location = b.ctid
                                      AND x.outcome IN ('kept', 'failed', 'held')))
            $condition$, p_history.parent_execution_id, p_history.execution_id,
            coalesce(p_first_item, 0), coalesce(p_end_item, 4294967296), p_target.match_column);
    END IF;
    RETURN 'true' || v_symbols || v_batches || v_earlier;
END
$_restore_scope$;
COMMENT ON FUNCTION etl._restore_scope(public.etl_execution_history, etl.correction_target, bigint, bigint) IS
    'Internal: SQL condition that a rollback is about a row of the backup.';
