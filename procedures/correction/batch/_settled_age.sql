CREATE OR REPLACE FUNCTION etl._settled_age(p_history public.etl_execution_history) RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_settled_age$
-- Age in transactions: only row versions from before the correction began are older. The pass
-- over the blocks takes no others: so no row is corrected twice but in a sweep, and a rollback
-- knows where to look for rows that have two before-images. NULL: it does not matter.
-- Ages end at 2^31: once it began longer ago than that, only frozen versions are as old.
SELECT CASE WHEN p_history.phase = 'correcting' AND NOT p_history.dry_run
            THEN CASE WHEN pg_snapshot_xmax(pg_current_snapshot())::text::bigint - o.id > 2000000000
                      THEN 2147483646
                      ELSE age((o.id & 4294967295)::text::xid) END END
  FROM (SELECT (p_history.result ->> 'oldest_transaction')::bigint) AS o (id)
$_settled_age$;
COMMENT ON FUNCTION etl._settled_age IS
    'Internal: age of the youngest row versions that were there before a correction began.';
