CREATE OR REPLACE FUNCTION etl._correction_statement(
    p_target       etl.correction_target,
    p_options      jsonb,
    p_relation     regclass,
    p_backup       regclass,
    p_form         text,
    p_skips_locked boolean,
    p_has_failures boolean,
    p_duty_check   text DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_correction_statement$
-- The statement of a batch: it changes the rows and saves their before-images; its row count is the
-- number of rows changed. In a dry run it selects them only.
-- p_form: 'blocks': the batch is from place $2 to before $3; 'rows': it is the places in $2;
-- 'valued blocks': as blocks, for the rows that are not NULL: etl._null_statement() does the
-- others.
-- p_skips_locked: pass over rows that other sessions hold, instead of waiting for them.
-- p_duty_check: see etl._duty_cycle_expression().
-- $1: the correction whose mapping counts.
-- $4: number of the batch.
-- $5: most rows to change, or NULL.
-- $6, but for 'rows': age that a row version must exceed, or NULL: see etl._settled_age().
--
-- Both the search and the update are bounded by place: without the second bound the planner may
-- read the whole table for every batch. A row that another session changes in between has another
-- place, so it is not updated and gets no before-image: the sweep takes it. IS TRUE keeps that
-- condition when the new version is looked at: a scan by place does without it, and older releases
-- forget to ask again.
DECLARE
    v_place constant text := CASE p_form WHEN 'rows' THEN 'm.ctid = ANY ($2)'
                                         ELSE 'm.ctid >= $2 AND m.ctid < $3' END;
    v_value constant text := etl._value_expression(p_target, p_duty_check);
    v_candidates text;
BEGIN
    v_candidates := etl._candidate_query(
        p_target, p_options, format('ONLY %s', p_relation),
        v_place
        || CASE p_form WHEN 'rows' THEN '' ELSE ' AND ' || etl._settled_condition('$6') END
        || CASE p_form WHEN 'valued blocks' THEN format(' AND %s IS NOT NULL', v_value)
                       ELSE '' END,
        p_has_failures,
        format('m.ctid AS row_location, m.%I AS old_value, map.new_value', p_target.value_column),
        v_value)
        || CASE WHEN p_skips_locked THEN ' FOR NO KEY UPDATE OF m SKIP LOCKED' ELSE '' END
        || ' LIMIT $5';
    IF (p_options ->> 'dry_run')::boolean THEN
        RETURN v_candidates;
    END IF;
    RETURN format($statement$
WITH candidate AS MATERIALIZED (%1$s
), changed AS (
    UPDATE ONLY %2$s m
       SET %3$I = c.new_value::%4$s%5$s
      FROM candidate c
     WHERE m.ctid = c.row_location AND (m.ctid = c.row_location) IS TRUE AND %6$s
    RETURNING c.old_value, c.new_value, %7$s
)
%8$s$statement$,
        v_candidates, p_relation, p_target.value_column,
        etl._base_type(p_relation, p_target.value_column), etl._touch_clause(p_target),
        v_place || ' AND ' || etl._paced_condition('true', p_duty_check),
        etl._image_clause(p_target),
        etl._save_clause(p_target, p_options, p_relation, p_backup));
END
$_correction_statement$;
COMMENT ON FUNCTION etl._correction_statement IS
    'Internal: SQL statement of a correction batch.';
