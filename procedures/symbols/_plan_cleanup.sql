CREATE OR REPLACE FUNCTION etl._plan_cleanup(
    p_history public.etl_execution_history,
    p_pass    smallint
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_cleanup$
-- Records what is wrong with the symbols, and plans the fixes.
-- Returns whether there is a pass.
-- Tables: writes etl.symbol_finding, etl.row_plan.
-- Raises ME004.
DECLARE
    v_columns jsonb;
    v_planned bigint;
BEGIN
    SELECT t.columns INTO v_columns FROM etl._symbol_table() t;
    WITH issue AS MATERIALIZED (
        SELECT i.*
          FROM etl._symbol_issues(etl._require_target(p_history.parameters ->> 'target'),
                                  (p_history.parameters ->> 'recent')::interval) i
    ), found AS (
        INSERT INTO etl.symbol_finding (
            execution_id, symbol_key, ticker, venue, issue_type, description, fix, action)
        SELECT p_history.execution_id, i.symbol_key, i.ticker, i.venue, i.issue_type, i.description,
               i.fix, i.action
          FROM issue i
    )
    INSERT INTO etl.row_plan (execution_id, pass, position, entity, action, key, fields, condition)
    SELECT p_history.execution_id, p_pass, row_number() OVER (ORDER BY s.symbol_key), 'symbol',
           'update', s.symbol_key,
           s.fix || CASE WHEN s.classification IS NULL THEN '{}'
                         ELSE jsonb_build_object('classification',
                                  s.classification || jsonb_build_object(
                                      'ticker', s.fields ->> 'ticker',
                                      'venue', s.fields ->> 'venue')) END,
           (SELECT jsonb_object_agg(v_columns ->> f.field, s.fields -> f.field)
              FROM jsonb_object_keys(
                       s.fix || jsonb_build_object('ticker', s.fields -> 'ticker')) AS f (field))
      FROM (SELECT i.symbol_key, i.fields, jsonb_object_agg(v.key, v.value) AS fix,
                   jsonb_agg(i.classification)
                       FILTER (WHERE i.classification IS NOT NULL) -> 0 AS classification
              FROM issue i
             CROSS JOIN LATERAL jsonb_each(i.fix) v
             GROUP BY i.symbol_key, i.fields) s
     WHERE (p_history.parameters -> 'fix')::boolean;
    GET DIAGNOSTICS v_planned = ROW_COUNT;
    IF v_planned = 0 THEN
        RETURN false;
    END IF;
    PERFORM etl._plan_rows(p_history.execution_id, p_pass, 'fixing', 10, 99);
    RETURN true;
END
$_plan_cleanup$;
COMMENT ON FUNCTION etl._plan_cleanup IS
    'Internal: records what is wrong with the symbols, and plans the fixes.';
