CREATE OR REPLACE FUNCTION etl._changes_to_undo(p_execution_id uuid) RETURNS SETOF etl.row_change
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_changes_to_undo$
-- Changes of an operation that no undo has settled yet: those kept or refused may be tried again.
SELECT c.*
  FROM etl.row_change c
 WHERE c.execution_id = p_execution_id
   AND NOT EXISTS (SELECT FROM etl.undo_outcome o
                    WHERE o.change_id = c.change_id AND o.outcome NOT IN ('kept', 'failed'))
$_changes_to_undo$;
COMMENT ON FUNCTION etl._changes_to_undo IS
    'Internal: changes of an operation that are still to be undone.';
