CREATE OR REPLACE FUNCTION etl._create_backup(
    p_correction_id uuid,
    p_target        etl.correction_target
) RETURNS regclass
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_create_backup$
-- Creates the table for the before-images, named after the fact table and the time in UTC, beside
-- it. Values have no length there: a column that was too short for some can be widened and they
-- retried.
-- Tables: creates one, writes etl.correction_backup and etl_execution_history.
-- Every name in the statement is quoted by format.
-- @plpgsql_check_options: security_warnings = off
DECLARE
    v_schema   text;
    v_base     text;
    v_name     text;
    v_relation regclass;
    v_number   integer := 1;
BEGIN
    SELECT n.nspname::text, c.relname::text INTO v_schema, v_base
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = p_target.fact_table;
    LOOP
        -- A name has 63 bytes; the suffix has 24, and 3 more where two corrections start in a
        -- second.
        v_name := format('%s_backup_%s%s',
                         left(v_base, 63 - 27 - (octet_length(v_base) - length(v_base))),
                         to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISS'),
                         CASE WHEN v_number > 1 THEN '_' || v_number ELSE '' END);
        BEGIN
            EXECUTE format(
                'CREATE TABLE %I.%I AS '
                'SELECT %s, m.%I::%s, m.%4$I::%5$s AS new_value, %s FROM %s m WITH NO DATA',
                v_schema, v_name, etl._columns_clause(etl._saved_columns(p_target), 'm'),
                p_target.value_column, etl._base_type(p_target.fact_table, p_target.value_column),
                (SELECT string_agg(format('NULL::%s AS %I', b.type, b.name), ', ')
                   FROM etl._backup_columns() b),
                p_target.fact_table);
            EXIT;
        EXCEPTION WHEN duplicate_table THEN
            v_number := v_number + 1;
        END;
    END LOOP;
    v_relation := to_regclass(format('%I.%I', v_schema, v_name));
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', v_relation);
    IF to_regrole('etl_reader') IS NOT NULL THEN
        EXECUTE format('GRANT SELECT ON %s TO etl_reader', v_relation);
    END IF;
    EXECUTE format('COMMENT ON TABLE %s IS %L', v_relation, format(
        'Before-images of correction %s of %s by mytrader-etl: the key, the old value under its '
        'own name, then what was written when.',
        p_correction_id, p_target.fact_table));

    INSERT INTO etl.correction_backup (execution_id, target, relation, backup_table)
    VALUES (p_correction_id, p_target.target, v_relation, format('%I.%I', v_schema, v_name));
    UPDATE public.etl_execution_history
       SET backup_table = format('%I.%I', v_schema, v_name)
     WHERE execution_id = p_correction_id;
    RETURN v_relation;
END
$_create_backup$;
COMMENT ON FUNCTION etl._create_backup IS
    'Internal: creates the backup table of a correction.';
