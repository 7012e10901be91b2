CREATE OR REPLACE PROCEDURE etl.register_target(
    target                  text,
    fact_table              regclass,
    key_columns             text[] DEFAULT NULL,
    match_column            text DEFAULT 'symbol',
    value_column            text DEFAULT 'asset_class',
    touch_column            text DEFAULT NULL,
    dimension_table         regclass DEFAULT NULL,
    dimension_match_column  text DEFAULT 'ticker',
    dimension_value_column  text DEFAULT NULL,
    dimension_venue_column  text DEFAULT NULL,
    dimension_active_column text DEFAULT NULL,
    known_values            text[] DEFAULT etl._asset_classes(),
    replace                 boolean DEFAULT false
)
LANGUAGE plpgsql
AS $register_target$
-- Maps a correction onto tables of the user.
-- Tables: writes etl.correction_target. Raises ME001, ME003, ME004, 42501.
BEGIN
    PERFORM etl._register_target(
        target, fact_table, key_columns, match_column, value_column, touch_column,
        dimension_table, dimension_match_column, dimension_value_column,
        dimension_venue_column, dimension_active_column, known_values, replace);
END
$register_target$;
COMMENT ON PROCEDURE etl.register_target IS $comment$
Maps the correction onto your own tables.
The caller must be allowed to update fact_table. Column names are given as they are stored, without
quotes.

Parameters:
  target: Name of the target.
  fact_table: Table to correct, as written in SQL.
  key_columns: Columns that identify a row of fact_table. NULL means the primary key.
  match_column: Column of fact_table that names the symbol.
  value_column: Column of fact_table to correct.
  touch_column: Column of fact_table with a date or time that is set at each change. NULL means
    updated_at where there is one.
  dimension_table: Table with the right values, as written in SQL. NULL means the table symbols.
  dimension_match_column: Column of dimension_table that match_column is compared with.
  dimension_value_column: Column of dimension_table with the right value. NULL means the name of
    value_column.
  dimension_venue_column: Column of dimension_table with the venue, where one ticker has several
    venues.
  dimension_active_column: Boolean column of dimension_table that says whether a row counts.
  known_values: Valid values. By default the classes of the reference data. NULL means every value
    that is not blank.
  replace: Change a target that is registered already.
Raises ME001, ME003, ME004, 42501.
$comment$;
