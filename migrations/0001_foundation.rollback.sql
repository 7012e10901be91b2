-- The group roles stay: they belong to the cluster, and other databases may use them.
SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.audit_log;
DROP TABLE IF EXISTS etl.installed_migration;
DROP TABLE IF EXISTS etl.installed_routine;
DROP TABLE IF EXISTS etl.installation;
DROP SCHEMA IF EXISTS etl;
