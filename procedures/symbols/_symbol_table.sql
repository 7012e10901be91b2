CREATE OR REPLACE FUNCTION etl._symbol_table(
    OUT relation       regclass,
    OUT columns        jsonb,
    OUT unknown_class  text,
    OUT required       text[],
    OUT needs_name     boolean
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_symbol_table$
-- What has to be known to write symbols.
-- columns: field -> column.
-- unknown_class: what stands for no class; NULL, unless the column is NOT NULL or would fill in a
-- class of its own, which would be a guess.
-- required: links without which no symbol can be stored.
-- needs_name: the name is NOT NULL and nobody has said what it shall be.
-- Raises ME004.
BEGIN
    relation := etl._platform_table('symbol');
    SELECT jsonb_object_agg(c.field, c.column_name) INTO columns
      FROM etl._platform_columns('symbol', relation) c;
    SELECT CASE WHEN a.attnotnull OR a.atthasdef THEN 'UNKNOWN' END INTO unknown_class
      FROM pg_attribute a
     WHERE a.attrelid = relation AND a.attname = columns ->> 'asset_class';
    required := ARRAY(
        SELECT f.field
          FROM unnest(ARRAY['asset_class_id', 'market_id']) AS f (field)
          JOIN pg_attribute a ON a.attrelid = relation AND a.attname = columns ->> f.field
                             AND a.attnotnull
         WHERE etl._fill_expression(relation, a.attname, true) IS NULL);
    needs_name := EXISTS (
        SELECT FROM pg_attribute a
         WHERE a.attrelid = relation AND a.attname = columns ->> 'name' AND a.attnotnull
           AND NOT a.atthasdef
           AND NOT EXISTS (SELECT FROM etl.column_default d
                            WHERE d.relation = a.attrelid AND d.column_name = a.attname));
END
$_symbol_table$;
COMMENT ON FUNCTION etl._symbol_table IS
    'Internal: what has to be known to write symbols.';
