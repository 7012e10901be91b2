CREATE OR REPLACE FUNCTION etl._jobs()
RETURNS TABLE (
    operation       text,
    works_on        text,
    reading_phases  text[],
    sweeping_phases text[],
    keeps_blocks    boolean,
    undone_by       text,
    role            text,
    default_timeout interval
)
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_jobs$
-- What the kernel knows of each kind of job. A new kind of job is a row here, a branch in the hooks
-- of this room, and a room of its own.
-- works_on: target: one of etl.correction_target, with its backup; platform: the platform's tables,
-- by etl.row_plan and etl.row_change; backups: the backup tables themselves.
-- reading_phases: change no rows. sweeping_phases: read all, and change what little is left. In the
-- other phases most rows are changed.
-- keeps_blocks: a batch of blocks is never cut within a block.
-- undone_by: backup, change_log, or NULL: it cannot be undone.
-- role: who may start, join and resume it. default_timeout: where its routine has no such option.
VALUES
    ('correction', 'target', ARRAY['mapping', 'measuring', 'searching'], ARRAY['sweeping'],
     false, 'backup', 'etl_operator', interval '2 hours'),
    ('retry', 'target', '{}', '{}',
     false, NULL, 'etl_operator', interval '2 hours'),
    ('rollback', 'target', ARRAY['checking'], ARRAY['sweeping'],
     true, NULL, 'etl_operator', interval '30 minutes'),
    ('purge', 'backups', '{}', '{}',
     false, NULL, 'etl_admin', interval '30 minutes'),
    ('bootstrap', 'platform', '{}', '{}',
     false, 'change_log', 'etl_operator', interval '5 minutes'),
    ('sync', 'platform', ARRAY['discovering'], '{}',
     false, 'change_log', 'etl_operator', interval '1 hour'),
    ('cleanup', 'platform', ARRAY['discovering'], '{}',
     false, 'change_log', 'etl_operator', interval '1 hour'),
    ('undo', 'platform', '{}', '{}',
     false, NULL, 'etl_operator', interval '30 minutes')
$_jobs$;
COMMENT ON FUNCTION etl._jobs IS
    'Internal: the kinds of jobs, and what the kernel must know of each.';
