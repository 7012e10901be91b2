CREATE OR REPLACE FUNCTION etl._mapping_query(p_target etl.correction_target) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_mapping_query$
-- Query for (match_value, new_value, known_values, verdict), one row per match value of the
-- dimension. A blank value says nothing. Any other must agree with those of the other listings, or
-- the ticker is ambiguous: a wrong class is worse than an unknown one.
-- Parameter $1: match values to restrict it to, or NULL.
SELECT format($query$
    SELECT g.match_value,
           CASE WHEN cardinality(g.stated) = 1 AND g.stated = g.known
                THEN g.known[1] END AS new_value,
           g.known AS known_values,
           CASE WHEN cardinality(g.stated) = 1 AND g.stated = g.known THEN 'mapped'
                WHEN cardinality(g.stated) > 1 THEN 'ambiguous'
                ELSE 'unmappable' END AS verdict
      FROM (SELECT d.match_value,
                   coalesce(array_agg(DISTINCT d.value) FILTER (WHERE btrim(d.value) <> ''),
                            '{}') AS stated,
                   coalesce(array_agg(DISTINCT d.value) FILTER (WHERE %4$s), '{}') AS known
              FROM (SELECT s.%1$I::text AS match_value, s.%2$I::text AS value
                      FROM %3$s s
                     WHERE s.%1$I IS NOT NULL
                       AND ($1 IS NULL OR s.%1$I::text = ANY ($1))) d
             GROUP BY d.match_value) g
    $query$,
    p_target.dimension_match_column, p_target.dimension_value_column, p_target.dimension_table,
    etl._known_value_condition('d.value', p_target.known_values))
$_mapping_query$;
COMMENT ON FUNCTION etl._mapping_query IS
    'Internal: query that derives the mapping from the dimension table.';
