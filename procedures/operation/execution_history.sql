CREATE OR REPLACE FUNCTION etl.execution_history(
    operation text DEFAULT NULL,
    target    text DEFAULT NULL,
    max_rows  integer DEFAULT 20
) RETURNS SETOF public.etl_execution_history
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $execution_history$
-- The history with the status as evidence shows it. SECURITY DEFINER: to find dead workers.
SELECT r.*
  FROM (SELECT e
          FROM public.etl_execution_history e
         WHERE (execution_history.operation IS NULL OR e.operation = execution_history.operation)
           AND (execution_history.target IS NULL OR e.target = execution_history.target)
         ORDER BY e.started_at DESC
         LIMIT execution_history.max_rows) h
 CROSS JOIN LATERAL jsonb_populate_record(h.e, jsonb_build_object(
     'status', etl._effective_status((h.e).execution_id, (h.e).status))) r
 ORDER BY r.started_at DESC
$execution_history$;
COMMENT ON FUNCTION etl.execution_history IS $comment$
Returns rows of public.etl_execution_history, newest first.
status is the one that evidence shows: interrupted where no worker is alive.

Parameters:
  operation: Only operations of this kind, such as correction. NULL means all.
  target: Only operations on this target. NULL means all.
  max_rows: Return at most this many rows.
$comment$;
