CREATE OR REPLACE PROCEDURE etl.create_platform_tables(
    schema        text DEFAULT 'public',
    INOUT created text[] DEFAULT NULL
)
LANGUAGE plpgsql
AS $create_platform_tables$
-- Creates the platform's tables that are missing.
BEGIN
    created := etl._create_platform_tables(schema);
END
$create_platform_tables$;
COMMENT ON PROCEDURE etl.create_platform_tables IS $comment$
Creates those of the platform's tables that are missing, then registers target market_data.
They are asset_classes, markets, trading_sessions, data_providers, symbols and market_data. A table
of that name in any schema and any spelling ("AssetClasses") is left as it is; foreign keys to it
fit its key. Safe to repeat. Needs etl_admin and the right to create tables in the schema; the
tables belong to the role that deployed.

Parameters:
  schema: Schema to create the tables in.
Returns the tables created.
Raises ME003, 42501.
$comment$;
