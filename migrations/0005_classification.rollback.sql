SET LOCAL lock_timeout = '10s';
DROP TABLE IF EXISTS etl.asset_class_rule;
DROP TABLE IF EXISTS etl.venue_alias;
DROP TABLE IF EXISTS etl.venue;
DROP TABLE IF EXISTS etl.currency_code;
