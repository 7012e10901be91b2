CREATE OR REPLACE FUNCTION etl._audit_settings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $_audit_settings$
-- Puts every change of a table of settings into the audit log: one entry a statement, with the rows
-- before and after. SECURITY DEFINER: whoever may change settings need not write the log.
-- Tables: writes etl.audit_log.
DECLARE
    v_before jsonb;
    v_after  jsonb;
BEGIN
    IF tg_op <> 'INSERT' THEN
        SELECT jsonb_agg(to_jsonb(o)) INTO v_before FROM old_rows o;
    END IF;
    IF tg_op <> 'DELETE' THEN
        SELECT jsonb_agg(to_jsonb(n)) INTO v_after FROM new_rows n;
    END IF;
    IF v_before IS DISTINCT FROM v_after THEN
        PERFORM etl._audit(lower(tg_op), NULL, format('%I.%I', tg_table_schema, tg_table_name),
                           NULL, v_before, v_after);
    END IF;
    RETURN NULL;
END
$_audit_settings$;
COMMENT ON FUNCTION etl._audit_settings IS
    'Internal: trigger that puts changes of settings into the audit log.';

DO $triggers$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'threshold', 'asset_class_rule', 'currency_code', 'venue', 'venue_alias'
    ] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_insert AFTER INSERT ON etl.%I '
                       'REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION etl._audit_settings()', v_table);
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE ON etl.%I '
                       'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION etl._audit_settings()', v_table);
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_delete AFTER DELETE ON etl.%I '
                       'REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION etl._audit_settings()', v_table);
    END LOOP;
END
$triggers$;
