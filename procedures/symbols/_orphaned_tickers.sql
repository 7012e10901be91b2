CREATE OR REPLACE FUNCTION etl._orphaned_tickers(p_target etl.correction_target) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_orphaned_tickers$
-- Tickers with bars and no symbol, as the bars write them, in order; '{}': there are none.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_tickers text[];
BEGIN
    -- INTO a scalar from EXECUTE lets a scan run in parallel workers.
    EXECUTE format($query$
        SELECT array_agg(t.ticker ORDER BY t.ticker)
          FROM (%1$s) t
         WHERE NOT EXISTS (SELECT FROM %2$s s WHERE s.%3$I::text COLLATE "C" = t.ticker)
        $query$, etl._tickers_query(p_target), p_target.dimension_table,
        p_target.dimension_match_column)
    INTO v_tickers;
    RETURN coalesce(v_tickers, '{}');
END
$_orphaned_tickers$;
COMMENT ON FUNCTION etl._orphaned_tickers IS
    'Internal: tickers with bars and no symbol.';
