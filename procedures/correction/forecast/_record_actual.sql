CREATE OR REPLACE FUNCTION etl._record_actual(p_execution_id uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_record_actual$
-- Notes at the end of a correction what it did cost, under the names of its forecast, and the
-- ratio. An operation without a forecast (a retry, a dry run) gets none.
-- Tables: writes etl_execution_history.
DECLARE
    v_actual  jsonb;
    v_ratio   jsonb;
    r_history public.etl_execution_history;
BEGIN
    SELECT h.* INTO r_history
      FROM public.etl_execution_history h
     WHERE h.execution_id = p_execution_id;
    IF r_history.forecast IS NULL THEN
        RETURN;
    END IF;
    SELECT jsonb_build_object(
               'records', r_history.records_changed,
               'duration_seconds', round(extract(
                   epoch FROM r_history.finished_at - r_history.started_at), 3),
               'wal_bytes', u.wal_bytes,
               'table_growth_bytes', s.table_bytes - (r_history.forecast -> 'table_bytes')::bigint,
               'index_growth_bytes', s.index_bytes - (r_history.forecast -> 'index_bytes')::bigint,
               'backup_bytes', coalesce((
                   SELECT pg_relation_size(b.relation) FROM etl.correction_backup b
                    WHERE b.execution_id = p_execution_id AND b.purged_at IS NULL), 0),
               'hot_update_percent', round(100.0 * u.hot_updates / nullif(u.updates, 0), 2),
               'sessions', u.sessions)
      INTO v_actual
      FROM etl.correction_target t
     CROSS JOIN LATERAL etl._target_sizes(t.fact_table) s
     CROSS JOIN (SELECT count(*) AS sessions, coalesce(sum(o.updates), 0) AS updates,
                        coalesce(sum(o.hot_updates), 0) AS hot_updates,
                        coalesce(sum(o.wal_bytes), 0) AS wal_bytes
                   FROM etl.operation_usage o WHERE o.execution_id = p_execution_id) u
     WHERE t.target = r_history.target;
    SELECT jsonb_object_agg(f.name,
                            CASE WHEN f.value::numeric = a.value::numeric THEN 1
                                 ELSE round(f.value::numeric / nullif(a.value::numeric, 0), 3) END)
      INTO v_ratio
      FROM jsonb_each_text(r_history.forecast) AS f (name, value)
      JOIN jsonb_each_text(v_actual) AS a (name, value) USING (name);
    UPDATE public.etl_execution_history h
       SET actual = v_actual || jsonb_build_object('ratio', v_ratio)
     WHERE h.execution_id = p_execution_id;
END
$_record_actual$;
COMMENT ON FUNCTION etl._record_actual IS
    'Internal: notes what a correction did cost.';
