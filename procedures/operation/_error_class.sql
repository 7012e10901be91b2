CREATE OR REPLACE FUNCTION etl._error_class(p_sqlstate text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_error_class$
-- What an error means for a batch: 'conflict' (try again later), 'row' (one of its rows is to
-- blame), 'fatal' (nothing that this batch could do about it; 20000: a hook without a branch).
-- A table that is not found (42P01, or XX000 in the same moment) may be a partition that was
-- dropped while the batch waited for it.
SELECT CASE
    WHEN p_sqlstate IN ('40P01', '40001', '55P03', '42P01', 'XX000') THEN 'conflict'
    WHEN p_sqlstate IN ('20000', '42501', '42703', '42804', '3F000', '55000')
      OR left(p_sqlstate, 2) IN ('08', '25', '53', '54', '57', '58', 'ME', 'XX') THEN 'fatal'
    ELSE 'row' END
$_error_class$;
COMMENT ON FUNCTION etl._error_class IS
    'Internal: whether an SQLSTATE is a conflict, the fault of a row, or fatal.';
