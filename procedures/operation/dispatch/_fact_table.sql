CREATE OR REPLACE FUNCTION etl._fact_table(
    p_history public.etl_execution_history,
    OUT fact_table regclass
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_fact_table$
-- Hook: the large table in which a job changes rows, so that vacuum has to keep up with it; NULL:
-- it has none.
BEGIN
    CASE etl._works_on(p_history.operation)
        WHEN 'target' THEN
            fact_table := (SELECT t.fact_table FROM etl.correction_target t
                            WHERE t.target = p_history.target);
        WHEN 'platform', 'backups' THEN fact_table := NULL;
    END CASE;
END
$_fact_table$;
COMMENT ON FUNCTION etl._fact_table IS
    'Internal: hook for the large table that a job changes.';
