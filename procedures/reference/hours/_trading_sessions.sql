CREATE OR REPLACE FUNCTION etl._trading_sessions()
RETURNS TABLE (
    key jsonb, market text, market_id text, session_name text, status text, days integer[],
    starts interval, ends interval, time_zone text, effective_from date, effective_to date,
    is_active boolean
)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET intervalstyle = 'postgres'
AS $_trading_sessions$
-- The platform's trading sessions in one form.
-- market: code of its market; NULL: that one is not there.
-- market_id: what the session says of it.
-- starts, ends: from midnight of the day it begins on; an end that is not after the start is on the
-- next day, and 23:59:59 is taken for midnight.
-- time_zone: its own, or its market's.
-- Raises ME004.
BEGIN
    RETURN QUERY
    WITH market AS MATERIALIZED (
        SELECT upper(btrim(r.fields ->> 'code')) AS code, r.fields ->> 'time_zone' AS time_zone
          FROM etl._platform_rows('market') r
    ), session AS (
        SELECT r.key, r.fields,
               coalesce(l.code, upper(btrim(r.fields ->> 'market'))) AS market,
               (r.fields ->> 'start_time')::interval AS starts,
               CASE WHEN (r.fields ->> 'end_time')::interval >= interval '23:59:59'
                    THEN interval '24:00'
                    ELSE (r.fields ->> 'end_time')::interval END AS ends
          FROM etl._platform_rows('trading_session') r
          LEFT JOIN etl._platform_links('trading_session', 'market_id') l
            ON l.value = r.fields -> 'market_id'
    )
    SELECT s.key, m.code, coalesce(s.market, s.fields ->> 'market_id'), s.fields ->> 'session_name',
           etl._session_status(coalesce(s.fields ->> 'session_type', s.fields ->> 'session_name'),
                               (s.fields ->> 'is_trading_enabled')::boolean),
           etl._days_of_week(s.fields ->> 'day_of_week'),
           s.starts, CASE WHEN s.ends <= s.starts THEN s.ends + interval '24:00' ELSE s.ends END,
           coalesce(nullif(btrim(s.fields ->> 'time_zone'), ''), nullif(btrim(m.time_zone), ''),
                    'UTC'),
           (s.fields ->> 'effective_from')::date, (s.fields ->> 'effective_to')::date,
           coalesce((s.fields ->> 'is_active')::boolean, true)
      FROM session s
      LEFT JOIN market m ON m.code = s.market;
END
$_trading_sessions$;
COMMENT ON FUNCTION etl._trading_sessions IS
    'Internal: the platform''s trading sessions in one form.';
