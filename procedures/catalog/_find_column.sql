CREATE OR REPLACE FUNCTION etl._find_column(p_relation regclass, VARIADIC p_names text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_find_column$
-- The column that bears one of the names, the first named first, without regard to case and
-- underscores: asset_class, "AssetClass" and assetclass are the same. NULL: there is none.
SELECT a.attname::text
  FROM unnest(p_names) WITH ORDINALITY AS n (name, rank)
  JOIN pg_attribute a
    ON a.attrelid = p_relation AND a.attnum > 0 AND NOT a.attisdropped
   AND lower(replace(a.attname, '_', '')) = lower(replace(n.name, '_', ''))
 ORDER BY n.rank, a.attname = n.name DESC, a.attnum
 LIMIT 1
$_find_column$;
COMMENT ON FUNCTION etl._find_column IS
    'Internal: finds a column by any of its usual names.';
