CREATE OR REPLACE FUNCTION etl._session_status(p_type text, p_is_trading boolean) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_session_status$
-- What a market is while a session of this type is on; an unusual type is its own status.
SELECT CASE
    WHEN p_is_trading IS FALSE
         OR etl._plain(p_type) IN ('break', 'lunch', 'lunchbreak', 'closed', 'maintenance')
    THEN 'closed'
    WHEN etl._plain(p_type) IN ('', 'regular', 'continuous', 'main', 'core', 'normal', 'open',
                                '24x7', '247')
    THEN 'open'
    WHEN etl._plain(p_type) IN ('premarket', 'pre', 'preopen', 'earlytrading')
    THEN 'pre_market'
    WHEN etl._plain(p_type) IN ('afterhours', 'afterhour', 'aftermarket', 'postmarket', 'post',
                                'latetrading')
    THEN 'after_hours'
    WHEN p_type IS NULL THEN 'open'
    ELSE btrim(regexp_replace(lower(p_type), '[^a-z0-9]+', '_', 'g'), '_') END
$_session_status$;
COMMENT ON FUNCTION etl._session_status IS
    'Internal: what a market is during a session of a type.';
