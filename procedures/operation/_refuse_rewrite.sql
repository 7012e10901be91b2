CREATE OR REPLACE FUNCTION etl._refuse_rewrite() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $_refuse_rewrite$
-- Keeps the audit log append-only, for its owner as well.
-- Raises 42501.
BEGIN
    RAISE EXCEPTION 'the audit log is append-only'
        USING ERRCODE = 'insufficient_privilege',
              DETAIL = format('%s on %I.%I was refused.', tg_op, tg_table_schema, tg_table_name),
              HINT = 'Add a new entry instead; old entries stay as they are.';
END
$_refuse_rewrite$;
COMMENT ON FUNCTION etl._refuse_rewrite IS
    'Internal: trigger that refuses UPDATE, DELETE and TRUNCATE on the audit log.';

CREATE OR REPLACE TRIGGER audit_log_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON etl.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION etl._refuse_rewrite();
