CREATE OR REPLACE FUNCTION etl._compare_reference(
    p_component text,
    OUT item       text,
    OUT ordinal    bigint,
    OUT entity     text,
    OUT fields     jsonb,
    OUT missing_parent text,
    OUT key        jsonb,
    OUT differing  text[],
    OUT condition  jsonb
) RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_compare_reference$
-- Each row of a component of the reference data beside the row of the platform that stands for it.
-- A row is the same where its code is, without regard to case; a session, where market and day are,
-- and its name or its type. A session without a day stands for those of all days, and is as it is.
-- fields: what the platform's table can hold of it, references resolved.
-- missing_parent: code of the row that it refers to, where that one is not there.
-- key: of the platform's row; NULL: there is none.
-- differing: fields of it that are otherwise, but for those that identify it.
-- condition: their columns with their values.
-- Raises ME004.
DECLARE
    v_entity   text := (SELECT c.entity
                          FROM etl._reference_components() c WHERE c.component = p_component);
    v_relation regclass := etl._platform_table(v_entity);
    v_link     text := CASE v_entity WHEN 'market' THEN 'asset_class_id'
                                     WHEN 'asset_class' THEN NULL
                                     ELSE 'market_id' END;
    v_parent   text := left(v_link, -length('_id'));
    v_has_link boolean := EXISTS (SELECT FROM etl._platform_columns(v_entity, v_relation) c
                                   WHERE c.field IN (v_link, v_parent));
    v_is_day_named boolean := (
        SELECT t.typcategory <> 'N'
          FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
         WHERE a.attrelid = v_relation
           AND a.attname = etl._platform_column(v_entity, v_relation, 'day_of_week'));
BEGIN
    RETURN QUERY
    WITH columns AS MATERIALIZED (
        SELECT c.field, c.column_name, c.is_identity
          FROM etl._platform_columns(v_entity, v_relation) c
    ), link AS MATERIALIZED (
        SELECT l.code, l.value FROM etl._platform_links(v_entity, v_link) l
    ), present AS MATERIALIZED (
        SELECT r.key, r.content,
               upper(btrim(r.fields ->> 'code')) AS code,
               coalesce(l.code, upper(btrim(r.fields ->> 'market'))) AS market,
               etl._days_of_week(r.fields ->> 'day_of_week') AS days,
               etl._plain(r.fields ->> 'session_name') AS name,
               etl._plain(r.fields ->> 'session_type') AS type
          FROM etl._platform_rows(v_entity) r
          LEFT JOIN link l ON l.value = r.fields -> 'market_id' AND v_entity = 'trading_session'
    ), wanted AS MATERIALIZED (
        SELECT i.item, i.ordinal, i.fields AS origin,
               CASE WHEN v_has_link AND l.value IS NULL
                    THEN i.fields ->> v_parent END AS missing_parent,
               (SELECT jsonb_object_agg(c.field, CASE
                           WHEN c.field = v_link THEN coalesce(l.value, 'null')
                           WHEN c.field = 'day_of_week' AND v_is_day_named
                           THEN to_jsonb((etl._day_names())[(i.fields ->> c.field)::integer + 1])
                           ELSE i.fields -> c.field END)
                  FROM columns c
                 WHERE i.fields ? c.field
                    OR (c.field = v_link AND i.fields ->> v_parent IS NOT NULL)) AS fields
          FROM etl._reference_items(p_component) i
          LEFT JOIN link l ON l.code = i.fields ->> v_parent
    )
    SELECT w.item, w.ordinal, v_entity, w.fields, w.missing_parent, p.key,
           coalesce(d.differing, '{}'), coalesce(d.condition, '{}')
      FROM wanted w
      LEFT JOIN LATERAL (
               SELECT x.*
                 FROM present x
                WHERE CASE WHEN v_entity = 'trading_session'
                           THEN x.market = w.origin ->> 'market'
                                AND (w.origin ->> 'day_of_week')::integer = ANY (x.days)
                                AND (x.name = etl._plain(w.origin ->> 'session_name')
                                     OR x.type = etl._plain(w.origin ->> 'session_type'))
                           ELSE x.code = w.origin ->> 'code' END
                ORDER BY x.name = etl._plain(w.origin ->> 'session_name') DESC NULLS LAST,
                         x.key::text
                LIMIT 1) p ON true
      LEFT JOIN LATERAL (
               SELECT array_agg(c.field ORDER BY c.field) AS differing,
                      jsonb_object_agg(c.column_name, p.content -> c.column_name) AS condition
                 FROM etl._as_stored(v_relation,
                                     (SELECT jsonb_object_agg(n.column_name, w.fields -> n.field)
                                        FROM columns n
                                       WHERE w.fields ? n.field)) AS s (stored)
                 JOIN columns c ON w.fields ? c.field AND NOT c.is_identity
                WHERE p.key IS NOT NULL
                  AND (v_entity <> 'trading_session' OR cardinality(p.days) = 1)
                  AND s.stored -> c.column_name
                      IS DISTINCT FROM p.content -> c.column_name) d ON true
     ORDER BY w.ordinal;
END
$_compare_reference$;
COMMENT ON FUNCTION etl._compare_reference IS
    'Internal: the rows of a component of the reference data beside those of the platform.';
