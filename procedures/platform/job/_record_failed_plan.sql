CREATE OR REPLACE FUNCTION etl._record_failed_plan(
    p_history  public.etl_execution_history,
    p_row      tid,
    p_sqlstate text,
    p_message  text
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_record_failed_plan$
-- Records a planned row that was refused.
-- p_row: its place in etl.row_plan.
-- Tables: writes etl.failed_record.
INSERT INTO etl.failed_record (execution_id, key, match_value, sqlstate, message)
SELECT p_history.execution_id,
       coalesce(s.key, (SELECT jsonb_object_agg(f.field, s.fields -> f.field)
                          FROM etl._platform_fields() f
                         WHERE f.entity = s.entity AND f.is_identity AND s.fields ? f.field),
                s.fields)
           || jsonb_build_object('entity', s.entity),
       coalesce(s.fields ->> 'ticker', s.fields ->> 'code'), p_sqlstate, p_message
  FROM etl.row_plan s
 WHERE s.ctid = p_row
ON CONFLICT (execution_id, key) DO UPDATE
   SET attempts = etl.failed_record.attempts + 1, last_failed_at = clock_timestamp(),
       sqlstate = excluded.sqlstate, message = excluded.message
$_record_failed_plan$;
COMMENT ON FUNCTION etl._record_failed_plan IS
    'Internal: records a planned row that was refused.';
