CREATE OR REPLACE FUNCTION etl._needs_insert_lock(
    p_entity   text,
    p_relation regclass,
    p_places   tid[]
) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_needs_insert_lock$
-- Whether other writers have to be kept out while planned rows are inserted: where no unique index
-- stops the second of two equal rows, or where the next number of a key is the highest one plus
-- one. A unique index stops nothing where a row has NULL in one of its columns.
-- p_places: places of the rows in etl.row_plan.
SELECT coalesce(NOT etl._identity_index(p_entity, p_relation) <@ ARRAY(
                    SELECT c.column_name
                      FROM etl._platform_columns(p_entity, p_relation) c
                     WHERE c.is_identity
                       AND NOT EXISTS (SELECT FROM etl.row_plan s
                                        WHERE s.ctid = ANY (p_places)
                                          AND s.fields ->> c.field IS NULL)), true)
    OR EXISTS (SELECT FROM unnest(etl._key_columns(p_relation)) AS k (column_name)
                WHERE etl._fill_expression(p_relation, k.column_name::name) LIKE '%max(x.%')
$_needs_insert_lock$;
COMMENT ON FUNCTION etl._needs_insert_lock IS
    'Internal: whether inserting planned rows needs the table locked against other writers.';
