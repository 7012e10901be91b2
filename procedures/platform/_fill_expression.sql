CREATE OR REPLACE FUNCTION etl._fill_expression(
    p_relation regclass,
    p_column   name,
    p_is_given boolean DEFAULT false
) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $_fill_expression$
-- SQL for the value of a column of a new row that nobody gave: what etl.set_column_default() says,
-- its own default, a new key, or, where it is NOT NULL, a value that says nothing: '', 0, false,
-- now. NULL: leave the column out.
-- p_is_given: rows bring a value of their own, and this is for those that do not.
-- Raises ME008: it is NOT NULL, and no value is sensible.
DECLARE
    v_value    text;
    v_is_key   boolean := p_column = ANY (etl._key_columns(p_relation));
    r_column   record;
BEGIN
    SELECT a.attnum, a.attnotnull, a.attidentity, a.attgenerated, t.typcategory, t.typtype,
           format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, NULL) AS base_type,
           pg_get_expr(d.adbin, d.adrelid) AS default_expression,
           EXISTS (SELECT FROM pg_constraint k
                    WHERE k.conrelid = p_relation AND k.contype = 'f'
                      AND a.attnum = ANY (k.conkey)) AS is_reference
      INTO r_column
      FROM pg_attribute a
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = p_relation AND a.attname = p_column;

    SELECT c.value INTO v_value
      FROM etl.column_default c
     WHERE c.relation = p_relation AND c.column_name = p_column;
    IF v_value IS NOT NULL THEN
        RETURN format('%L::%s', v_value, r_column.type);
    ELSIF r_column.attidentity <> '' OR r_column.attgenerated <> '' THEN
        RETURN NULL;
    ELSIF r_column.default_expression IS NOT NULL THEN
        RETURN r_column.default_expression;
    ELSIF NOT r_column.attnotnull THEN
        RETURN NULL;
    ELSIF v_is_key AND NOT r_column.is_reference
          AND r_column.base_type IN ('smallint', 'integer', 'bigint') THEN
        -- The caller locks the table: see etl._needs_insert_lock().
        RETURN format('((SELECT coalesce(max(x.%1$I), 0) FROM %2$s x) '
                      '+ row_number() OVER (ORDER BY s.position))::%3$s',
                      p_column, p_relation, r_column.base_type);
    ELSIF v_is_key AND NOT r_column.is_reference AND r_column.base_type = 'uuid' THEN
        RETURN 'gen_random_uuid()';
    ELSIF v_is_key AND NOT r_column.is_reference AND r_column.typcategory = 'S' THEN
        RETURN 'gen_random_uuid()::text';
    ELSIF r_column.is_reference OR v_is_key OR r_column.typtype <> 'b' THEN
        NULL;
    ELSIF r_column.base_type LIKE 'timestamp%' OR r_column.base_type = 'date' THEN
        RETURN format('clock_timestamp()::%s', r_column.base_type);
    ELSIF r_column.base_type IN ('json', 'jsonb') THEN
        RETURN format('%L::%s', '{}', r_column.base_type);
    ELSIF r_column.typcategory = 'A' THEN
        RETURN format('%L::%s', '{}', r_column.type);
    ELSIF r_column.typcategory = 'S' THEN
        RETURN quote_literal('');
    ELSIF r_column.typcategory = 'N' THEN
        RETURN '0';
    ELSIF r_column.typcategory = 'B' THEN
        RETURN 'false';
    END IF;
    IF p_is_given THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'column %.% needs a value that cannot be guessed',
        p_relation, quote_ident(p_column)
        USING ERRCODE = 'ME008',
              DETAIL = format('It is a NOT NULL %s without a default%s.', r_column.type,
                              CASE WHEN r_column.is_reference
                                   THEN ', and refers to another table' ELSE '' END),
              HINT = format('Say what new rows get: '
                            'SELECT * FROM etl.set_column_default(%L, %L, ''...'');',
                            p_relation, p_column);
END
$_fill_expression$;
COMMENT ON FUNCTION etl._fill_expression IS
    'Internal: SQL for the value of a column of a new row that nobody gave; NULL: leave it out.';
