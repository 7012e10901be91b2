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
COMMENT ON PROCEDURE etl.register_target(text, regclass, text[], text, text, text, regclass, text, text, text, text, text[], boolean) IS
    'Maps the correction onto your own tables. key_columns: default the primary key. touch_column: a date or time that is set at each change, default updated_at where there is one. '
    'dimension_table: default the table symbols. '
    'dimension_value_column: default value_column. known_values: valid values, NULL for any that is not blank. '
    'Column names as they are stored, without quotes. The caller must be allowed to update fact_table. Raises ME001, ME003, ME004, 42501.';
