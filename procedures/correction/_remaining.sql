CREATE OR REPLACE FUNCTION etl._remaining(p_execution_id uuid, p_pass smallint) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_remaining$
-- Rows that a measuring pass found still to be corrected, quarantine not counted.
SELECT greatest(0, (etl._pass_counts(p_execution_id, p_pass))[array_position(etl._count_names(), 'remaining')]
                   - (SELECT count(*) FROM etl.failed_record f
                       WHERE f.execution_id = p_execution_id AND f.resolved_at IS NULL))
$_remaining$;
COMMENT ON FUNCTION etl._remaining(uuid, smallint) IS
    'Internal: rows still to be corrected after a measuring pass.';
