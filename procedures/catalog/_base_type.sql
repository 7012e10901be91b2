CREATE OR REPLACE FUNCTION etl._base_type(p_relation regclass, p_column text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_base_type$
-- Type of a column without its length: an explicit cast to varchar(5) would cut a value silently,
-- assigning a varchar raises.
SELECT format_type(a.atttypid, -1)
  FROM pg_attribute a
 WHERE a.attrelid = p_relation AND a.attname = p_column AND NOT a.attisdropped
$_base_type$;
COMMENT ON FUNCTION etl._base_type IS
    'Internal: type of a column without length.';
