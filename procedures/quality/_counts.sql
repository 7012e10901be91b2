CREATE OR REPLACE FUNCTION etl._counts(p_target etl.correction_target, p_options jsonb)
RETURNS TABLE (name text, condition text, is_cured boolean)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_counts$
-- What a measurement counts, in the order in which counts are stored. Those that are called like a
-- column of etl.analysis are kept there. A new count comes last: an operation that was interrupted
-- has stored the others in this order.
-- p_options: of the correction, for what remains to be done.
-- condition: SQL condition on a value p.value and its mapping map.
-- is_cured: a row that is corrected counts there no longer.
SELECT c.name, c.condition, c.is_cured
  FROM (SELECT etl._known_value_condition('p.value', p_target.known_values),
               etl._correction_condition(p_target, p_options, 'p.value')
       ) AS s (is_known, needs_correction)
 CROSS JOIN LATERAL (VALUES
    ('total_records', 'true', false),
    ('null_records', 'p.value IS NULL', true),
    ('empty_records', 'p.value = ''''', true),
    ('unknown_class_records', format('p.value <> '''' AND NOT (%s)', s.is_known), true),
    ('mismatched_records', format('%s AND p.value <> map.new_value', s.is_known), true),
    ('orphaned_records', 'map.match_value IS NULL', false),
    ('ambiguous_records', 'map.verdict = ''ambiguous''', false),
    ('unmappable_records', 'map.verdict = ''unmappable''', false),
    ('correctable_blank', 'map.verdict = ''mapped'' AND coalesce(p.value, '''') = ''''', true),
    ('correctable_unknown',
     format('map.verdict = ''mapped'' AND p.value <> '''' AND NOT (%s)', s.is_known), true),
    ('mapped_records', 'map.verdict = ''mapped''', false),
    ('consistent_records', 'p.value = map.new_value', false),
    ('agreeing_records', 'p.value = ANY (map.known_values)', false),
    ('remaining', s.needs_correction, true)
  ) AS c (name, condition, is_cured)
$_counts$;
COMMENT ON FUNCTION etl._counts IS
    'Internal: what a measurement counts: names and conditions.';
