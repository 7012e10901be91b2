CREATE OR REPLACE FUNCTION etl._phase_kind(p_history public.etl_execution_history) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_phase_kind$
-- What the phase that an operation is in does with rows: reading, sweeping or writing; see
-- etl._jobs().
-- Raises P0002 for an unknown kind of job.
DECLARE
    v_kind text;
BEGIN
    SELECT CASE WHEN p_history.phase = ANY (j.reading_phases) THEN 'reading'
                WHEN p_history.phase = ANY (j.sweeping_phases) THEN 'sweeping'
                ELSE 'writing' END
      INTO STRICT v_kind
      FROM etl._jobs() j
     WHERE j.operation = p_history.operation;
    RETURN v_kind;
END
$_phase_kind$;
COMMENT ON FUNCTION etl._phase_kind IS
    'Internal: whether the phase of an operation reads, sweeps or writes.';
