CREATE OR REPLACE FUNCTION etl._asset_classes() RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_asset_classes$
SELECT array_agg(r.code ORDER BY r.ordinal)
  FROM etl.reference_data() r
 WHERE r.component = 'asset_classes'
$_asset_classes$;
COMMENT ON FUNCTION etl._asset_classes IS
    'Internal: the asset classes that are known unless a target names others: '
    'those of etl.reference_data().';
