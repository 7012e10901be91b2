CREATE OR REPLACE FUNCTION etl._platform_links(p_entity text, p_field text)
RETURNS TABLE (code text, value jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_platform_links$
-- What a field such as market_id holds for each row that it may refer to, by the code of that row.
-- The foreign key says which column is meant; without one it is the key. Where the table names the
-- other row by its code instead (market), that is the value. Nothing is returned where it has
-- neither, or the key is of several columns.
-- Raises ME004.
DECLARE
    v_parent          text := left(p_field, -length('_id'));
    v_relation        regclass := etl._platform_table(p_entity);
    v_column          text := etl._platform_column(p_entity, v_relation, p_field);
    v_is_coded        boolean := v_column IS NULL
                         AND etl._platform_column(p_entity, v_relation, v_parent) IS NOT NULL;
    v_parent_relation regclass;
    v_parent_key      text[];
    v_parent_column   text;
BEGIN
    IF v_column IS NULL AND NOT v_is_coded THEN
        RETURN;
    END IF;
    v_parent_relation := etl._platform_table(v_parent);
    v_parent_key := etl._key_columns(v_parent_relation);
    SELECT p.attname::text INTO v_parent_column
      FROM pg_constraint k
      JOIN pg_attribute c ON c.attrelid = k.conrelid AND k.conkey = ARRAY[c.attnum]
      JOIN pg_attribute p ON p.attrelid = k.confrelid AND k.confkey = ARRAY[p.attnum]
     WHERE k.contype = 'f' AND k.conrelid = v_relation AND k.confrelid = v_parent_relation
       AND c.attname = v_column;
    IF v_parent_column IS NULL AND cardinality(v_parent_key) = 1 THEN
        v_parent_column := v_parent_key[1];
    END IF;
    RETURN QUERY
    SELECT DISTINCT ON (1) upper(btrim(r.fields ->> 'code')),
           CASE WHEN v_is_coded THEN to_jsonb(upper(btrim(r.fields ->> 'code')))
                ELSE r.content -> v_parent_column END
      FROM etl._platform_rows(v_parent) r
     WHERE r.fields ->> 'code' IS NOT NULL
       AND (v_is_coded OR r.content -> v_parent_column IS NOT NULL)
     ORDER BY 1, r.fields ->> 'code' DESC, r.key::text;
END
$_platform_links$;
COMMENT ON FUNCTION etl._platform_links IS
    'Internal: what a field that refers to another table of the platform holds for each of its '
    'rows.';
