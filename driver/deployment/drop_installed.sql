-- Drops every routine that was installed by us, with the triggers that call it, and forgets the
-- recorded hashes. Tables stay, and so do routines of others.
DO $drop_installed$
DECLARE
    v_search_path text := current_setting('search_path');
    v_oids        oid[];
    v_routines    text;
    r_trigger     record;
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    SELECT array_agg(p.oid), string_agg(p.oid::regprocedure::text, ', ')
      INTO v_oids, v_routines
      FROM pg_proc p
      JOIN etl.installed_routine i
        ON i.routine_name = p.proname
       AND i.identity_arguments = pg_get_function_identity_arguments(p.oid)
     WHERE p.pronamespace = 'etl'::regnamespace;
    FOR r_trigger IN
        SELECT t.tgname, t.tgrelid::regclass AS relation
          FROM pg_trigger t
         WHERE t.tgfoid = ANY (v_oids)
           AND t.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', r_trigger.tgname, r_trigger.relation);
    END LOOP;
    IF v_routines IS NOT NULL THEN
        EXECUTE 'DROP ROUTINE ' || v_routines;
    END IF;
    DELETE FROM etl.installed_routine;
    DELETE FROM etl.installed_migration;
    PERFORM set_config('search_path', v_search_path, true);
END
$drop_installed$;
