CREATE OR REPLACE FUNCTION etl._begin_sample_run(p_target etl.correction_target, p_options jsonb)
RETURNS public.etl_execution_history
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_begin_sample_run$
-- Makes what a batch needs: a history row, the mapping and the backup table. The caller takes all
-- of it back. The row bears a final status, so the run guard of the target is not touched.
-- Tables: writes etl_execution_history, etl.correction_mapping; creates a backup table.
DECLARE
    r_history public.etl_execution_history;
BEGIN
    INSERT INTO public.etl_execution_history (
        execution_id, operation, target, status, phase, parameters, progress_percent,
        library_version, finished_at)
    VALUES (gen_random_uuid(), 'correction', p_target.target, 'completed', 'correcting',
            jsonb_build_object('validate_after_each_batch', true, 'dry_run', false) || p_options,
            100, etl.version(), clock_timestamp())
    RETURNING * INTO r_history;
    EXECUTE format('INSERT INTO etl.correction_mapping '
                   '(execution_id, match_value, new_value, known_values, verdict) '
                   'SELECT $2, q.match_value, q.new_value, q.known_values, q.verdict FROM (%s) q',
                   etl._mapping_query(p_target))
    USING NULL::text[], r_history.execution_id;
    IF NOT EXISTS (SELECT FROM pg_statistic s
                    WHERE s.starelid = 'etl.correction_mapping'::regclass) THEN
        ANALYZE etl.correction_mapping;  -- as before a correction, or the batches get another plan
    END IF;
    IF (p_options ->> 'create_backup')::boolean THEN
        PERFORM etl._create_backup(r_history.execution_id, p_target);
    END IF;
    RETURN r_history;
END
$_begin_sample_run$;
COMMENT ON FUNCTION etl._begin_sample_run IS
    'Internal: history row, mapping and backup table of a sample run.';
