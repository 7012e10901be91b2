CREATE OR REPLACE FUNCTION etl._request_stop(
    p_execution_id uuid,
    p_error_code   text,
    p_message      text,
    p_detail       text DEFAULT NULL,
    p_hint         text DEFAULT NULL
) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $_request_stop$
-- A worker met an error that ends the operation: all workers leave after their batch.
UPDATE etl.operation_control
   SET request = 'stop', error_code = p_error_code, error_message = p_message,
       error_detail = p_detail, error_hint = p_hint
 WHERE execution_id = p_execution_id AND request = 'run'
$_request_stop$;
COMMENT ON FUNCTION etl._request_stop IS
    'Internal: asks all workers to leave because of an error.';
