CREATE OR REPLACE FUNCTION etl._image_clause(p_target etl.correction_target) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_image_clause$
-- SQL list for RETURNING: what the backup keeps of a changed row m besides its old and new value,
-- and what the row holds now (stored).
SELECT format('%s, %s, m.%I::text AS stored',
              etl._columns_clause(etl._saved_columns(p_target), 'm'),
              (SELECT string_agg(format('%s AS %I', b.expression, b.name), ', ')
                 FROM etl._backup_columns() b),
              p_target.value_column)
$_image_clause$;
COMMENT ON FUNCTION etl._image_clause IS
    'Internal: SQL list of what a batch returns of each changed row.';
