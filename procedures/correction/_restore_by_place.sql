CREATE OR REPLACE FUNCTION etl._restore_by_place(
    p_history public.etl_execution_history,
    p_target  etl.correction_target,
    p_backup  regclass,
    p_rows    tid[]
) RETURNS tid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $_restore_by_place$
-- Restores those rows that still lie where the correction left them, with the value that it wrote; the
-- key is compared too, for a place may have been given to another row. Returns their places in the backup.
-- A nested loop of single fetches whatever the statistics say: any other plan may read the whole table
-- for every batch.
-- Every name in the statement is quoted by format; volatile: it must see what was written just before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_leaf     oid;
    v_restored tid[] := ARRAY[]::tid[];
    v_some     tid[];
BEGIN
    PERFORM etl._trust_triggers(p_target.fact_table);
    FOR v_leaf IN EXECUTE format('SELECT DISTINCT b.row_table FROM ONLY %s b WHERE b.ctid = ANY ($1)', p_backup) USING p_rows LOOP
        CONTINUE WHEN NOT etl._is_part_of(v_leaf, p_target);
        EXECUTE format(CASE WHEN p_history.dry_run THEN $query$
            SELECT array_agg(b.ctid)
              FROM ONLY %1$s b
              JOIN ONLY %2$s m ON m.ctid = b.row_location AND %3$s
             WHERE b.ctid = ANY ($1) AND b.row_table = $2
               AND m.%4$I IS NOT DISTINCT FROM b.new_value
            $query$ ELSE $statement$
            WITH item AS MATERIALIZED (
                SELECT b.ctid AS backup_location, b.* FROM ONLY %1$s b
                 WHERE b.ctid = ANY ($1) AND b.row_table = $2
            ), restored AS (
                UPDATE ONLY %2$s m
                   SET %4$I = b.%4$I%5$s
                  FROM item b
                 WHERE m.ctid = b.row_location AND %3$s
                   AND m.%4$I IS NOT DISTINCT FROM b.new_value
                RETURNING b.backup_location, b.%4$I::text AS intended, m.%4$I::text AS stored
            )
            SELECT array_agg(r.backup_location) FROM restored r WHERE %6$s
            $statement$ END,
            p_backup, v_leaf::regclass, etl._same_key(p_target), p_target.value_column, etl._touch(p_target),
            etl._is_restored(p_history))
        INTO v_some USING p_rows, v_leaf;
        v_restored := v_restored || coalesce(v_some, '{}');
    END LOOP;
    RETURN v_restored;
END
$_restore_by_place$;
COMMENT ON FUNCTION etl._restore_by_place(public.etl_execution_history, etl.correction_target, regclass, tid[]) IS
    'Internal: restores rows that lie where the correction left them.';
