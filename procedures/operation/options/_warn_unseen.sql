CREATE OR REPLACE FUNCTION etl._warn_unseen(p_options jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_warn_unseen$
-- Warns about limits among p_options that have no effect, because what they limit is hidden from
-- the role that these functions run as.
DECLARE
    v_names text;
BEGIN
    IF pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN
        RETURN;
    END IF;
    SELECT string_agg(o.key, ', ' ORDER BY o.key)
      INTO v_names
      FROM jsonb_each_text(p_options) o
     WHERE o.key IN ('max_replica_lag', 'max_snapshot_age') AND o.value IS NOT NULL;
    IF v_names IS NOT NULL THEN
        RAISE WARNING '% cannot be observed: the limit has no effect', v_names
            USING DETAIL = format('The statistics of other sessions are hidden from role %s.',
                                  current_user),
                  HINT = format('GRANT pg_read_all_stats TO %I;', current_user);
    END IF;
END
$_warn_unseen$;
COMMENT ON FUNCTION etl._warn_unseen IS
    'Internal: warns about limits that cannot be observed.';
