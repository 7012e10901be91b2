CREATE OR REPLACE FUNCTION etl.symbol_findings(
    execution_id uuid DEFAULT NULL,
    issue        text DEFAULT NULL
)
RETURNS TABLE (
    finding_id bigint, symbol_key jsonb, ticker text, venue text, issue_type text, description text,
    is_fixed boolean, action text, found_at timestamptz
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $symbol_findings$
-- Raises ME002.
-- SECURITY DEFINER: one right to read for all readers.
DECLARE
    v_id uuid := (SELECT h.execution_id
                    FROM public.etl_execution_history h
                   WHERE h.operation = 'cleanup'
                     AND (symbol_findings.execution_id IS NULL
                          OR h.execution_id = symbol_findings.execution_id)
                   ORDER BY h.started_at DESC LIMIT 1);
BEGIN
    IF v_id IS NULL THEN
        RAISE EXCEPTION 'there is no clean-up %',
            coalesce(symbol_findings.execution_id::text, 'of symbols yet')
            USING ERRCODE = 'ME002',
                  DETAIL = 'public.etl_execution_history has none of that execution_id.',
                  HINT = 'Run one: CALL etl.validate_cleanup_symbols(fix => false);';
    END IF;
    RETURN QUERY
    SELECT f.finding_id, f.symbol_key, f.ticker, f.venue, f.issue_type, f.description, f.is_fixed,
           f.action, f.found_at
      FROM etl.symbol_finding f
     WHERE f.execution_id = v_id
       AND (symbol_findings.issue IS NULL OR f.issue_type = symbol_findings.issue)
     ORDER BY f.finding_id;
END
$symbol_findings$;
COMMENT ON FUNCTION etl.symbol_findings IS $comment$
Returns what a clean-up of symbols found.
Each row has a description, whether the finding is fixed (and not undone), and the action: what was
done, or what somebody has to decide.

Parameters:
  execution_id: Id of the clean-up. NULL means the latest.
  issue: Only findings of this type. NULL means all. One of: malformed_ticker, ticker_form,
    duplicate, missing_class, unknown_class, class_against_venue, missing_market,
    active_without_bars, inactive_with_recent_bars.
Raises ME002.
$comment$;
