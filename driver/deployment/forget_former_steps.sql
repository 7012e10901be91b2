-- Deletes the marks and hashes of the step that installs the routines under the names that it had
-- before it kept one for ever; mytrader_etl.former_steps is the pattern of these names. yoyo's
-- table is the one that this session finds.
DO $forget_former_steps$
DECLARE
    v_search_path text     := current_setting('search_path');
    v_marks       regclass := to_regclass('_yoyo_migration');
    v_pattern     text     := current_setting('mytrader_etl.former_steps');
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    DELETE FROM etl.installed_migration
     WHERE regexp_replace(migration_name, '[.]py$', '') ~ v_pattern;
    IF v_marks IS NOT NULL THEN
        EXECUTE format('DELETE FROM %s WHERE migration_id ~ $1', v_marks) USING v_pattern;
    END IF;
    PERFORM set_config('search_path', v_search_path, true);
END
$forget_former_steps$;
