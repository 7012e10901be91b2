CREATE OR REPLACE FUNCTION etl._as_stored(p_relation regclass, p_values jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, MDY'
SET intervalstyle = 'postgres'
AS $_as_stored$
-- Values (column -> value) as the table would give them back: a time of 9:30 is 09:30:00.
-- What the column's type does not take is returned as it is: it will be refused when it is written.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_row jsonb;
BEGIN
    EXECUTE format('SELECT to_jsonb(jsonb_populate_record(NULL::%s, $1))', p_relation)
       INTO v_row USING p_values;
    RETURN (SELECT coalesce(jsonb_object_agg(v.key, v_row -> v.key), '{}')
              FROM jsonb_each(p_values) v);
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
    RETURN p_values;
END
$_as_stored$;
COMMENT ON FUNCTION etl._as_stored IS
    'Internal: values in the form in which a table gives them back.';
