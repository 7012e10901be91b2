CREATE OR REPLACE FUNCTION etl._value_by_place(p_target etl.correction_target, p_rest text DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_value_by_place$
-- SQL expression for the value of row m, as text, where rows are fetched by their places: then no index may
-- be used for anything else. Where statistics know nothing of the rows yet, it would seem cheaper, and lead
-- to all of them in every batch. GREATEST of one value is that value, but not what an index has.
-- p_rest: see etl._rest_clause(). It is part of the value, since any other condition on the row might be
-- evaluated before it, and leave it to few rows.
SELECT format(CASE WHEN p_rest IS NULL THEN 'greatest(m.%1$I::text)'
                   ELSE 'CASE WHEN %2$s THEN NULL ELSE m.%1$I::text END' END, p_target.value_column, p_rest)
$_value_by_place$;
COMMENT ON FUNCTION etl._value_by_place(etl.correction_target, text) IS
    'Internal: SQL expression for the value of a row that is fetched by its place.';
