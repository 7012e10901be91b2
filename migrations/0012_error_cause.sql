-- What the cause of an error said besides its message is kept to the end.
--
-- depends: 0011_rooms

SET LOCAL lock_timeout = '10s';

ALTER TABLE etl.operation_control
    ADD COLUMN IF NOT EXISTS error_detail text,
    ADD COLUMN IF NOT EXISTS error_hint text;
COMMENT ON COLUMN etl.operation_control.error_detail IS 'stop: detail of the error.';
COMMENT ON COLUMN etl.operation_control.error_hint IS 'stop: hint of the error.';

ALTER TABLE public.etl_execution_history
    ADD COLUMN IF NOT EXISTS error_detail text,
    ADD COLUMN IF NOT EXISTS error_hint text;
COMMENT ON COLUMN public.etl_execution_history.error_detail IS
    'DETAIL of the error that ended it, as its cause gave it; NULL: it gave none.';
COMMENT ON COLUMN public.etl_execution_history.error_hint IS
    'HINT of the error that ended it: what to do about the cause, before the operation is resumed.';
