CREATE OR REPLACE FUNCTION etl._restore_by_place(
    p_history    public.etl_execution_history,
    p_target     etl.correction_target,
    p_batch      etl.batch_claim,
    p_duty_check text,
    OUT records  bigint,
    OUT restored tid[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_seqscan = off
AS $_restore_by_place$
-- Restores, of a batch of blocks of the backup, those rows that still lie where the correction left
-- them, with the value that it wrote; the key is compared too, for a place may have been given to
-- another row.
-- p_duty_check: see etl._duty_cycle_expression().
-- records: rows that the batch is about; restored: places in the backup of those restored.
-- Each row is fetched by its place, whatever the statistics say: any other join may read the whole
-- table for every batch, and IS TRUE keeps the planner from searching the index of the key for
-- every row. Rows of one match value are restored together: an undo writes into every index, and in
-- those that begin with that column they are neighbours. Its hash is sorted by, which is compared
-- faster than the value.
-- Every name in the statement is quoted by format; volatile: it must see what was written just
-- before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_from    constant tid := format('(%s,0)', p_batch.first_item)::tid;
    v_before  constant tid := format('(%s,0)', p_batch.end_item)::tid;
    v_backup  constant regclass := p_batch.relation;
    v_items   constant text := 'b.ctid >= $1 AND b.ctid < $2 AND '
                               || etl._to_restore_condition(p_history, p_target);
    v_found   constant text := format(
        'm.ctid = b.row_location AND (%s) IS TRUE '
        'AND m.%I::text IS NOT DISTINCT FROM b.new_value::text AND %s',
        etl._same_key_condition(p_target, 'IS NOT DISTINCT FROM'), p_target.value_column,
        etl._paced_condition('true', p_duty_check));
    v_leaf    oid;
    v_records bigint;
    v_some    tid[];
BEGIN
    PERFORM etl._trust_triggers(p_target.fact_table);
    records := 0;
    restored := '{}';
    FOR v_leaf, v_records IN
        EXECUTE format('SELECT b.row_table, count(*) FROM ONLY %s b WHERE %s GROUP BY b.row_table',
                       v_backup, v_items) USING v_from, v_before
    LOOP
        records := records + v_records;
        CONTINUE WHEN NOT etl._is_part_of(v_leaf, p_target);
        EXECUTE format(CASE WHEN p_history.dry_run THEN $query$
            SELECT array_agg(b.ctid)
              FROM ONLY %1$s b
              JOIN ONLY %2$s m ON %3$s
             WHERE %4$s AND b.row_table = $3
            $query$ ELSE $statement$
            WITH restored AS (
                UPDATE ONLY %2$s m
                   SET %6$I = b.%6$I%7$s
                  FROM (SELECT b.ctid AS backup_location, %9$s, b.%6$I, b.new_value, b.row_location
                          FROM ONLY %1$s b
                         WHERE %4$s AND b.row_table = $3
                         ORDER BY hashtext(b.%5$I::text)) b
                 WHERE %3$s
                RETURNING b.backup_location, b.%6$I::text AS intended, m.%6$I::text AS stored
            )
            SELECT array_agg(r.backup_location) FROM restored r WHERE %8$s
            $statement$ END,
            v_backup, v_leaf::regclass, v_found, v_items, p_target.match_column,
            p_target.value_column, etl._touch_clause(p_target), etl._restored_condition(p_history),
            etl._columns_clause(p_target.key_columns, 'b'))
        INTO v_some USING v_from, v_before, v_leaf;
        restored := restored || coalesce(v_some, '{}');
    END LOOP;
END
$_restore_by_place$;
COMMENT ON FUNCTION etl._restore_by_place IS
    'Internal: restores rows that lie where the correction left them.';
