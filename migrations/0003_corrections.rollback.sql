-- Backup tables stay: they are the users' data.
SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.threshold;
DROP TABLE IF EXISTS etl.analysis;
DROP TABLE IF EXISTS etl.rollback_exception;
DROP TABLE IF EXISTS etl.correction_backup;
DROP TABLE IF EXISTS etl.correction_mapping;
DROP TABLE IF EXISTS etl.correction_target;
