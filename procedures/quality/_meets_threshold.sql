CREATE OR REPLACE FUNCTION etl._meets_threshold(p_threshold text, p_value numeric) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_meets_threshold$
-- Whether a figure keeps its limit; NULL where the figure is not known or has no limit.
SELECT CASE t.comparison WHEN '>=' THEN p_value >= t.limit_value
                         WHEN '<=' THEN p_value <= t.limit_value
                         ELSE p_value < t.limit_value END
  FROM etl.threshold t
 WHERE t.threshold = p_threshold
$_meets_threshold$;
COMMENT ON FUNCTION etl._meets_threshold IS
    'Internal: whether a figure keeps its limit in etl.threshold.';
