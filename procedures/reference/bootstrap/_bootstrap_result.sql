CREATE OR REPLACE FUNCTION etl._bootstrap_result(
    p_history public.etl_execution_history
) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_bootstrap_result$
-- Result of a bootstrap: rows created, updated, failed and skipped for each component; of a dry
-- run, those that would be.
SELECT coalesce(jsonb_object_agg(r.name, jsonb_build_object(
           'created', r.created, 'updated', r.updated, 'failed', r.failed,
           'skipped', r.items - r.created - r.updated - r.failed)), '{}')
  FROM (SELECT c.name,
               (SELECT count(*) FROM etl._reference_items(c.name)) AS items,
               CASE WHEN p_history.dry_run THEN p.inserts ELSE l.inserts END AS created,
               CASE WHEN p_history.dry_run THEN p.updates ELSE l.updates END AS updated,
               (SELECT count(*) FROM etl.failed_record f
                 WHERE f.execution_id = p_history.execution_id
                   AND f.key ->> 'entity' = (SELECT e.entity FROM etl._reference_components() e
                                              WHERE e.component = c.name)) AS failed
          FROM jsonb_array_elements_text(p_history.parameters -> 'components')
               WITH ORDINALITY AS c (name, pass)
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE x.action = 'insert') AS inserts,
                      count(*) FILTER (WHERE x.action = 'update') AS updates
                 FROM etl.row_plan x
                WHERE x.execution_id = p_history.execution_id AND x.pass = c.pass) p
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE x.before IS NULL) AS inserts,
                      count(x.before) AS updates
                 FROM etl.row_change x
                WHERE x.execution_id = p_history.execution_id AND x.pass = c.pass) l) r
$_bootstrap_result$;
COMMENT ON FUNCTION etl._bootstrap_result IS
    'Internal: result of a bootstrap.';
