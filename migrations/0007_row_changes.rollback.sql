SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.undo_outcome;
DROP TABLE IF EXISTS etl.row_change;
DROP TABLE IF EXISTS etl.row_plan;
DROP TABLE IF EXISTS etl.column_default;
