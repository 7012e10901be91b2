-- Drops those installed routines whose files have changed, or are no more. A file that only moved
-- has not: a routine is recognised by its name. mytrader_etl.packaged holds name -> SHA-256.
--
-- CREATE OR REPLACE cannot change what a routine returns, and makes a second one where its
-- parameters change. Functions of triggers stay, for their tables need them, and so does what
-- objects of the user's depend on. A session at work in one of them ends with an error, its batch
-- undone; the operation can be resumed.
DO $drop_changed$
DECLARE
    v_search_path text  := current_setting('search_path');
    v_packaged    jsonb := current_setting('mytrader_etl.packaged');
    r_routine     record;
BEGIN
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    FOR r_routine IN
        SELECT p.oid::regprocedure AS signature
          FROM etl.installed_routine i
          JOIN pg_proc p
            ON p.pronamespace = 'etl'::regnamespace
           AND p.proname = i.routine_name
           AND pg_get_function_identity_arguments(p.oid) = i.identity_arguments
         WHERE v_packaged ->> i.routine_name IS DISTINCT FROM i.source_sha256
           AND p.prorettype <> 'trigger'::regtype
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
    LOOP
        EXECUTE 'DROP ROUTINE ' || r_routine.signature;
    END LOOP;
    PERFORM set_config('search_path', v_search_path, true);
END
$drop_changed$;
