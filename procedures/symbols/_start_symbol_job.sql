CREATE OR REPLACE FUNCTION etl._start_symbol_job(
    p_execution_id uuid,
    p_operation    text,
    p_options      jsonb,
    p_reason       text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_start_symbol_job$
-- Begins to synchronize the symbols or to clean them up, or finds the operation of that id; what is
-- to be done is found out by the first worker.
-- Returns the id.
-- Raises ME001, ME003, ME004, ME008.
-- SECURITY DEFINER: operators have no rights on the tables.
DECLARE
    v_id     uuid := coalesce(p_execution_id, gen_random_uuid());
    r_target etl.correction_target;
BEGIN
    IF p_operation NOT IN ('sync', 'cleanup') THEN
        RAISE EXCEPTION 'there is no job % on symbols', coalesce(p_operation, 'NULL')
            USING ERRCODE = 'ME003', DETAIL = 'The jobs are sync and cleanup.',
                  HINT = 'CALL etl.sync_symbols(); or CALL etl.validate_cleanup_symbols();';
    END IF;
    PERFORM etl._check_options(p_options);
    PERFORM etl._check_session((p_options ->> 'timeout')::interval);
    r_target := etl._require_target(p_options ->> 'target');
    IF r_target.dimension_table NOT IN (
           etl._platform_table('symbol'),
           (SELECT t.dimension_table
              FROM etl.correction_target t
             WHERE t.target = 'market_data')) THEN
        RAISE EXCEPTION 'target % does not look at the platform''s symbols', r_target.target
            USING ERRCODE = 'ME003',
                  DETAIL = format('Its dimension table is %s, the symbols are in %s.',
                                  r_target.dimension_table, etl._platform_table('symbol')),
                  HINT = 'Name a target whose bars refer to the symbols: '
                         'SELECT target, dimension_table FROM etl.correction_target;';
    END IF;
    IF etl._start_operation(v_id, p_operation, 'symbols', NULL, p_options, p_reason) THEN
        PERFORM etl._enter_phase(v_id, 'discovering', 0::smallint, 0, 0);
    END IF;
    RETURN v_id;
END
$_start_symbol_job$;
COMMENT ON FUNCTION etl._start_symbol_job IS
    'Internal: begins to synchronize the symbols or to clean them up.';
