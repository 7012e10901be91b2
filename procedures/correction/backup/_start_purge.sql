CREATE OR REPLACE FUNCTION etl._start_purge(
    p_purge_id   uuid,
    p_older_than interval,
    p_dry_run    boolean,
    p_keep_last  integer
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_purge$
-- Begins to drop old backup tables.
-- Returns the id of the operation.
-- Raises ME001, ME003, ME008.
-- SECURITY DEFINER: admins do not own the tables.
DECLARE
    v_id uuid := coalesce(p_purge_id, gen_random_uuid());
BEGIN
    IF p_older_than IS NULL OR p_older_than < interval '0'
       OR p_keep_last IS NULL OR p_keep_last < 0 OR p_dry_run IS NULL THEN
        RAISE EXCEPTION 'older_than and keep_last must not be negative or null, dry_run not null'
            USING ERRCODE = 'ME003',
                  DETAIL = format('older_than => %L, keep_last => %s, dry_run => %s were given.',
                                  p_older_than, coalesce(p_keep_last::text, 'NULL'),
                                  coalesce(p_dry_run::text, 'NULL')),
                  HINT = 'CALL etl.purge_backups(older_than => ''30 days'', keep_last => 1);';
    END IF;
    PERFORM etl._check_session(interval '30 minutes');
    IF etl._start_operation(v_id, 'purge', 'backups', NULL, jsonb_build_object(
            'older_than', p_older_than, 'dry_run', p_dry_run, 'keep_last', p_keep_last,
            'batch_size', 1, 'adaptive', false), NULL) THEN
        INSERT INTO etl.operation_chunk (
            execution_id, pass, chunk_number, relation, first_item, next_item, end_item,
            rows_per_item)
        SELECT v_id, 1, row_number() OVER (ORDER BY b.created_at), b.relation, 0, 0, 1, 1
          FROM (SELECT k.*,
                       row_number() OVER (PARTITION BY k.target
                                          ORDER BY k.created_at DESC) AS age_rank
                  FROM etl.correction_backup k
                 WHERE k.purged_at IS NULL) b
          JOIN public.etl_execution_history h ON h.execution_id = b.execution_id
         WHERE b.created_at <= clock_timestamp() - p_older_than
           AND b.age_rank > p_keep_last
           AND h.status NOT IN ('running', 'paused');
        UPDATE public.etl_execution_history
           SET records_total = (SELECT count(*) FROM etl.operation_chunk k
                                 WHERE k.execution_id = v_id)
         WHERE execution_id = v_id;
        PERFORM etl._enter_phase(v_id, 'dropping', 1::smallint, 0, 100);
    END IF;
    RETURN v_id;
END
$_start_purge$;
COMMENT ON FUNCTION etl._start_purge IS
    'Internal: begins to drop old backup tables.';
