CREATE OR REPLACE FUNCTION etl._percent(p_part numeric, p_whole numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_percent$
-- Two decimals; 100 of nothing is 100.
SELECT CASE WHEN p_whole = 0 THEN 100 ELSE round(p_part * 100 / p_whole, 2) END
$_percent$;
COMMENT ON FUNCTION etl._percent IS
    'Internal: percentage with two decimals, 100 where the whole is 0.';
