CREATE OR REPLACE FUNCTION etl._unrecord_symbols(p_undo_id uuid, p_changes tid[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_unrecord_symbols$
-- Takes back what is on record about changes of symbols that an undo has undone.
-- p_changes: their places in etl.row_change.
-- Tables: writes etl.symbol_classification, etl.enrichment_queue, etl.symbol_finding.
WITH undone AS MATERIALIZED (
    SELECT c.change_id
      FROM etl.row_change c
      JOIN etl.undo_outcome o USING (change_id)
     WHERE c.ctid = ANY (p_changes) AND o.undo_id = p_undo_id
       AND o.outcome NOT IN ('kept', 'failed')
), classified AS (
    DELETE FROM etl.symbol_classification s USING undone u WHERE s.change_id = u.change_id
), queued AS (
    DELETE FROM etl.enrichment_queue q USING undone u WHERE q.change_id = u.change_id
)
UPDATE etl.symbol_finding f SET is_fixed = false FROM undone u WHERE f.change_id = u.change_id
$_unrecord_symbols$;
COMMENT ON FUNCTION etl._unrecord_symbols IS
    'Internal: takes back what is on record about symbols whose change was undone.';
