SET LOCAL lock_timeout = '10s';
ALTER TABLE etl.analysis DROP COLUMN IF EXISTS orphaned_symbols, DROP COLUMN IF EXISTS symbols_without_bars;
DROP TABLE IF EXISTS etl.symbol_finding;
DROP TABLE IF EXISTS etl.enrichment_queue;
DROP TABLE IF EXISTS etl.symbol_classification;
