CREATE OR REPLACE FUNCTION etl._limits_of(p_options jsonb) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_limits_of$
-- The limits among some options, as etl.operation_control holds them: those that are not NULL,
-- hours with their time zone.
SELECT coalesce(jsonb_object_agg(o.key, CASE WHEN o.key = 'allowed_hours'
                                             THEN to_jsonb(etl._zoned_hours(o.value #>> '{}'))
                                             ELSE o.value END), '{}')
  FROM jsonb_each(p_options) o
 WHERE o.key = ANY (etl._limits()) AND o.value <> 'null'
$_limits_of$;
COMMENT ON FUNCTION etl._limits_of IS
    'Internal: the limits among some options.';
