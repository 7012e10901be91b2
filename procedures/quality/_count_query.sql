CREATE OR REPLACE FUNCTION etl._count_query(p_target etl.correction_target, p_options jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_count_query$
-- Select list that turns rows (value, records) p, joined to a mapping map, into the array of counts
-- named by etl._count_names(). p_options: of the correction, for the count of what remains to be done.
SELECT format($query$
    ARRAY[
        coalesce(sum(p.records), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value IS NULL), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value = ''), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value <> '' AND NOT (%1$s)), 0),
        coalesce(sum(p.records) FILTER (WHERE %1$s AND p.value <> map.new_value), 0),
        coalesce(sum(p.records) FILTER (WHERE map.match_value IS NULL), 0),
        coalesce(sum(p.records) FILTER (WHERE map.verdict = 'ambiguous'), 0),
        coalesce(sum(p.records) FILTER (WHERE map.verdict = 'unmappable'), 0),
        coalesce(sum(p.records) FILTER (WHERE coalesce(p.value, '') = '' AND map.verdict = 'mapped'), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value <> '' AND NOT (%1$s) AND map.verdict = 'mapped'), 0),
        coalesce(sum(p.records) FILTER (WHERE map.verdict = 'mapped'), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value = map.new_value), 0),
        coalesce(sum(p.records) FILTER (WHERE p.value = ANY (map.known_values)), 0),
        coalesce(sum(p.records) FILTER (WHERE %2$s), 0)
    ]::bigint[]$query$, etl._is_known('p.value', p_target.known_values), etl._needs_correction(p_target, p_options, 'p.value'))
$_count_query$;
COMMENT ON FUNCTION etl._count_query(etl.correction_target, jsonb) IS
    'Internal: SQL that counts null, empty, unknown, mismatched, orphaned, ... records.';
