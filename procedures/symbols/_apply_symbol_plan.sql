CREATE OR REPLACE FUNCTION etl._apply_symbol_plan(
    p_history public.etl_execution_history,
    p_worker  etl.operation_worker,
    p_rows    tid[]
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_apply_symbol_plan$
-- Inserts and updates planned symbols, and puts on record how they were classified. p_rows: their
-- places in etl.row_plan. Returns how many were changed; of a dry run, how many are planned.
DECLARE
    v_last_change constant bigint := coalesce((SELECT max(c.change_id) FROM etl.row_change c), 0);
    v_changed     bigint;
BEGIN
    v_changed := etl._apply_plan(p_history, p_worker, p_rows);
    IF NOT p_history.dry_run THEN
        PERFORM etl._record_symbols(p_history, p_rows, v_last_change);
    END IF;
    RETURN v_changed;
END
$_apply_symbol_plan$;
COMMENT ON FUNCTION etl._apply_symbol_plan IS
    'Internal: inserts and updates planned symbols.';
