CREATE OR REPLACE FUNCTION etl._finds_by_index(
    p_target  etl.correction_target,
    p_options jsonb
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET constraint_exclusion = on
AS $_finds_by_index$
-- Whether, in every leaf of the fact table, an index finds the rows that are NULL, or a constraint
-- rules them out, where the options ask for no more than those and empty values. Every name in
-- the statement is quoted by format; volatile: it must see what was written just before.
-- @plpgsql_check_options: security_warnings = off, performance_warnings = off
DECLARE
    v_plan jsonb;
BEGIN
    IF NOT (p_options ->> 'only_process_null_asset_class')::boolean THEN
        RETURN false;
    END IF;
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT m.ctid FROM %s m WHERE %s', p_target.fact_table,
                   (etl._search_conditions(p_target, p_options))[1])
       INTO v_plan;
    RETURN NOT jsonb_path_exists(v_plan, '$.** ? (@."Node Type" == "Seq Scan")');
END
$_finds_by_index$;
COMMENT ON FUNCTION etl._finds_by_index IS
    'Internal: whether an index finds the rows of a correction that are NULL.';
