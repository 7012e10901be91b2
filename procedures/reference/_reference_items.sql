CREATE OR REPLACE FUNCTION etl._reference_items(
    p_component text,
    OUT item     text,
    OUT ordinal  bigint,
    OUT fields   jsonb
) RETURNS SETOF record
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_reference_items$
-- The rows of a component, one for each day of a session, as the platform's tables hold them.
SELECT d.code || coalesce('/' || day.name, ''),
       row_number() OVER (ORDER BY d.ordinal, day.number),
       jsonb_build_object('display_order', d.ordinal, 'is_active', true)
       || (d.attributes - 'days'::text)
       || CASE WHEN day.number IS NULL
               THEN jsonb_build_object('code', d.code)
               ELSE jsonb_build_object(
                   'day_of_week', day.number,
                   'time_zone', m.attributes -> 'time_zone',
                   'spans_midnight', (d.attributes ->> 'end_time')::time
                                     <= (d.attributes ->> 'start_time')::time,
                   'is_trading_enabled', true) END
  FROM etl.reference_data() d
  LEFT JOIN etl.reference_data() m
    ON m.component = 'markets' AND m.code = d.attributes ->> 'market'
  LEFT JOIN LATERAL (SELECT e.value::integer AS number,
                            (etl._day_names())[e.value::integer + 1] AS name
                       FROM jsonb_array_elements_text(d.attributes -> 'days') e) day ON true
 WHERE d.component = p_component
$_reference_items$;
COMMENT ON FUNCTION etl._reference_items IS
    'Internal: rows of a component of the reference data.';
