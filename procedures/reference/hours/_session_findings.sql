CREATE OR REPLACE FUNCTION etl._session_findings()
RETURNS TABLE (issue text, item text, description text, severity text, hint text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_session_findings$
-- What is wrong with trading sessions.
WITH session AS MATERIALIZED (
    SELECT s.*,
           coalesce(s.market, s.market_id, '?') || '/'
           || coalesce(s.session_name, s.key::text) AS item
      FROM etl._trading_sessions() s
), minute AS MATERIALIZED (
    -- On the line of one week; what goes beyond Saturday comes back on Sunday.
    SELECT s.key, s.market, s.item, s.status, s.effective_from, s.effective_to, d.day,
           int8range((d.day * 86400 + w.week * 604800 + extract(epoch FROM s.starts))::bigint,
                     (d.day * 86400 + w.week * 604800 + extract(epoch FROM s.ends))::bigint) AS span
      FROM session s
     CROSS JOIN LATERAL unnest(s.days) AS d (day)
     CROSS JOIN (VALUES (0), (1)) AS w (week)
     WHERE s.is_active AND s.starts < s.ends AND s.market IS NOT NULL AND s.status <> 'closed'
)
SELECT 'orphaned', s.item, format('Its market %s is not there.', coalesce(s.market_id, 'NULL')),
       'error', 'Set its market to one that is there, or delete it.'
  FROM session s WHERE s.market IS NULL
UNION ALL
SELECT 'unreadable', s.item, 'Its day or its times cannot be read.', 'error',
       'day_of_week is 0 (Sunday) to 6, an English name, or NULL for every day; '
       'start_time and end_time are times of day.'
  FROM session s WHERE s.days = '{}' OR s.starts IS NULL OR s.ends IS NULL
UNION ALL
SELECT DISTINCT 'unknown_time_zone', s.item,
       format('Time zone %L is not one of pg_timezone_names.', s.time_zone), 'error',
       'Give it an IANA name, such as America/New_York.'
  FROM session s
 WHERE NOT EXISTS (SELECT FROM pg_timezone_names z WHERE lower(z.name) = lower(s.time_zone))
UNION ALL
SELECT 'overlapping', a.item,
       format('It overlaps with %s on %s.', b.item,
              string_agg(DISTINCT (etl._day_names())[a.day + 1], ', ')), 'warning',
       'Deactivate one of them, or change its times.'
  FROM minute a
  JOIN minute b ON b.market = a.market AND b.key::text > a.key::text AND b.span && a.span
   AND daterange(a.effective_from, a.effective_to, '[]')
       && daterange(b.effective_from, b.effective_to, '[]')
 GROUP BY a.key, a.item, b.key, b.item
UNION ALL
SELECT 'without_sessions', upper(btrim(r.fields ->> 'code')),
       'The market is active and has no active trading session.', 'warning',
       'CALL etl.bootstrap_reference_data(components => ''{trading_sessions}''); '
       'or add sessions of your own.'
  FROM etl._platform_rows('market') r
 WHERE coalesce((r.fields ->> 'is_active')::boolean, true)
   AND NOT EXISTS (SELECT FROM session s
                    WHERE s.is_active AND s.market = upper(btrim(r.fields ->> 'code')))
$_session_findings$;
COMMENT ON FUNCTION etl._session_findings IS
    'Internal: what is wrong with trading sessions.';
