CREATE OR REPLACE FUNCTION etl._plan_bootstrap_pass(
    p_history public.etl_execution_history,
    p_pass    smallint
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_plan_bootstrap_pass$
-- Plans a pass of a bootstrap: one for each component, so that markets find the asset classes that
-- the pass before has added. A row whose parent is missing is left out, with a warning; in a dry
-- run a parent that would be added counts as there.
-- Returns whether there is such a pass.
-- Tables: writes etl.row_plan, etl_execution_history.
-- Raises ME004, ME008.
DECLARE
    v_components text[] := ARRAY(
        SELECT c.name
          FROM jsonb_array_elements_text(p_history.parameters -> 'components')
               WITH ORDINALITY AS c (name, ordinal)
         ORDER BY c.ordinal);
    v_component  text := v_components[p_pass];
    v_parent     text := CASE v_component WHEN 'markets' THEN 'asset_classes'
                                          WHEN 'asset_classes' THEN NULL
                                          ELSE 'markets' END;
    v_is_parent_coming boolean := p_history.dry_run
                                  AND coalesce(v_parent = ANY (v_components), false);
    v_overwrite  boolean := (p_history.parameters ->> 'overwrite_existing')::boolean;
BEGIN
    IF v_component IS NULL THEN
        RETURN false;
    END IF;
    WITH compared AS MATERIALIZED (
        SELECT c.*,
               CASE WHEN c.key IS NULL THEN c.missing_parent IS NULL OR v_is_parent_coming
                    ELSE v_overwrite AND c.missing_parent IS NULL AND c.differing <> '{}'
                         AND c.ordinal = min(c.ordinal) OVER (PARTITION BY c.key) END AS is_planned
          FROM etl._compare_reference(v_component) c
    ), planned AS (
        INSERT INTO etl.row_plan (
            execution_id, pass, position, entity, action, key, fields, condition)
        SELECT p_history.execution_id, p_pass, row_number() OVER (ORDER BY c.ordinal), c.entity,
               CASE WHEN c.key IS NULL THEN 'insert' ELSE 'update' END, c.key,
               CASE WHEN c.key IS NULL THEN c.fields
                    ELSE (SELECT jsonb_object_agg(d.field, c.fields -> d.field)
                            FROM unnest(c.differing) AS d (field)) END,
               c.condition
          FROM compared c
         WHERE c.is_planned
        RETURNING 1
    )
    UPDATE public.etl_execution_history h
       SET records_skipped = h.records_skipped + (SELECT count(*) FROM compared)
                             - (SELECT count(*) FROM planned),
           result = jsonb_set(h.result, '{warnings}', coalesce(h.result -> 'warnings', '[]') || (
               SELECT coalesce(jsonb_agg(format('%s: %s is not there', c.item, c.missing_parent)
                                         ORDER BY c.ordinal), '[]')
                 FROM compared c
                WHERE c.key IS NULL AND NOT c.is_planned))
     WHERE h.execution_id = p_history.execution_id;
    PERFORM etl._plan_rows(p_history.execution_id, p_pass, v_component,
                           round(99.0 * (p_pass - 1) / cardinality(v_components), 2),
                           round(99.0 * p_pass / cardinality(v_components), 2));
    RETURN true;
END
$_plan_bootstrap_pass$;
COMMENT ON FUNCTION etl._plan_bootstrap_pass IS
    'Internal: plans the next component of a bootstrap.';
