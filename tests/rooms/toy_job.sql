-- A job that writes the names of symbols in capitals: its whole room.

CREATE FUNCTION etl._start_capitals(p_id uuid, p_options jsonb, p_parent_id uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $_start_capitals$
BEGIN
    PERFORM etl._check_options(p_options);
    IF etl._start_operation(p_id, 'capitals', 'names', NULL, p_options, 'a toy', p_parent_id) THEN
        PERFORM etl._enter_phase(p_id, 'reading', 0::smallint, 0, 0);
    END IF;
    RETURN p_id;
END
$_start_capitals$;

CREATE FUNCTION etl._end_capitals_pass(p_history public.etl_execution_history) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $_end_capitals_pass$
BEGIN
    IF p_history.phase <> 'reading' THEN
        PERFORM etl._finish_platform_job(p_history, '{"capitals": true}');
        RETURN;
    END IF;
    INSERT INTO etl.row_plan (execution_id, pass, position, entity, action, key, fields)
    SELECT p_history.execution_id, 1, row_number() OVER (), 'symbol', 'update', s.key,
           jsonb_build_object('name', upper(s.fields ->> 'name'))
      FROM etl._platform_rows('symbol') s;
    PERFORM etl._plan_rows(p_history.execution_id, 1::smallint, 'writing', 0, 99);
END
$_end_capitals_pass$;

CREATE PROCEDURE etl.write_capitals(
    INOUT id uuid, options jsonb DEFAULT '{}', parent_id uuid DEFAULT NULL,
    INOUT status text DEFAULT NULL, INOUT changed bigint DEFAULT NULL,
    INOUT skipped bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL,
    INOUT batches bigint DEFAULT NULL, INOUT backup_table text DEFAULT NULL,
    INOUT quality_before numeric DEFAULT NULL, INOUT quality_after numeric DEFAULT NULL,
    INOUT duration interval DEFAULT NULL)
LANGUAGE plpgsql AS $write_capitals$
BEGIN
    COMMIT;
    id := etl._start_capitals(id, options, parent_id);
    CALL etl._run_operation(id, false, NULL, status, changed, skipped, failed, batches,
                            backup_table, quality_before, quality_after, duration);
END
$write_capitals$;
