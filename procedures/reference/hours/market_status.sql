CREATE OR REPLACE FUNCTION etl.market_status(market text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS TABLE (
    market_code text, status text, session_name text, time_zone text, local_time timestamp,
    next_change timestamptz, next_status text, detail text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $market_status$
-- What each market is at a moment, by the platform's own markets and trading sessions.
-- Sessions are wall time of their time zone: each one of the days around the moment is laid on the
-- time line by itself, so that changes of daylight saving fall into place. The status changes where
-- a session begins or ends and what counts then is another: not from one day of a session to its
-- next.
-- Raises ME003, ME004.
-- SECURITY DEFINER: readers have no rights on the tables.
-- To compile its queries would take longer than they do.
BEGIN
    IF market IS NOT NULL
       AND NOT EXISTS (SELECT FROM etl._platform_rows('market') r
                        WHERE upper(btrim(r.fields ->> 'code')) = upper(btrim(market))) THEN
        RAISE EXCEPTION 'there is no market %', market
            USING ERRCODE = 'ME003',
                  DETAIL = format('market => %L was given.', market),
                  HINT = format('Markets: %s.',
                                (SELECT coalesce(string_agg(
                                            upper(btrim(r.fields ->> 'code')), ', '
                                            ORDER BY upper(btrim(r.fields ->> 'code'))), 'none')
                                   FROM etl._platform_rows('market') r));
    ELSIF at IS NULL OR NOT isfinite(at) THEN
        RAISE EXCEPTION 'a moment is needed'
            USING ERRCODE = 'ME003',
                  DETAIL = format('at => %L was given.', at),
                  HINT = 'Leave it out for now, or give a time: at => ''2026-01-02 15:00+00''.';
    END IF;
    RETURN QUERY
    WITH chosen AS MATERIALIZED (
        SELECT upper(btrim(r.fields ->> 'code')) AS code,
               coalesce(nullif(btrim(r.fields ->> 'time_zone'), ''), 'UTC') AS time_zone,
               coalesce((r.fields ->> 'is_active')::boolean, true) AS is_active
          FROM etl._platform_rows('market') r
         WHERE market_status.market IS NULL
            OR upper(btrim(r.fields ->> 'code')) = upper(btrim(market_status.market))
    ), planned AS MATERIALIZED (
        SELECT s.* FROM etl._trading_sessions() s JOIN chosen c ON c.code = s.market
    ), known AS MATERIALIZED (
        SELECT z.name, etl._is_time_zone(z.name) AS is_known
          FROM (SELECT c.time_zone FROM chosen c
                UNION
                SELECT p.time_zone FROM planned p) AS z (name)
    ), session AS MATERIALIZED (
        SELECT s.*, (at AT TIME ZONE s.time_zone)::date AS today
          FROM planned s
          JOIN known k ON k.name = s.time_zone AND k.is_known
         WHERE s.is_active AND s.starts IS NOT NULL AND s.ends IS NOT NULL
    ), on_time_line AS MATERIALIZED (
        SELECT s.market AS code, s.session_name, s.status,
               -- What counts where sessions overlap: a break, regular trading, auctions, the rest.
               CASE WHEN s.status = 'closed' THEN 1 WHEN s.status = 'open' THEN 2
                    WHEN s.status IN ('pre_market', 'after_hours') THEN 4 ELSE 3 END AS rank,
               (s.today + d.day + s.starts) AT TIME ZONE s.time_zone AS starts,
               (s.today + d.day + s.ends) AT TIME ZONE s.time_zone AS ends
          FROM session s
          JOIN generate_series(-3, 9) AS d (day)
            ON extract(dow FROM s.today + d.day)::integer = ANY (s.days)
         WHERE (s.effective_from IS NULL OR s.today + d.day >= s.effective_from)
           AND (s.effective_to IS NULL OR s.today + d.day <= s.effective_to)
    ), moment AS (
        SELECT c.code, at AS instant FROM chosen c
        UNION
        SELECT t.code, b.instant
          FROM on_time_line t
         CROSS JOIN LATERAL (VALUES (t.starts), (t.ends)) AS b (instant)
         WHERE b.instant > at AND b.instant < at + interval '8 days'
    ), course AS MATERIALIZED (
        SELECT m.code, m.instant, coalesce(t.status, 'closed') AS status, t.session_name
          FROM moment m
          LEFT JOIN LATERAL (SELECT x.status, x.session_name
                               FROM on_time_line x
                              WHERE x.code = m.code AND x.starts <= m.instant AND x.ends > m.instant
                              ORDER BY x.rank, x.starts DESC, x.session_name
                              LIMIT 1) t ON true
    )
    SELECT c.code, v.status, CASE WHEN v.status = present.status THEN present.session_name END,
           c.time_zone, CASE WHEN k.is_known THEN at AT TIME ZONE c.time_zone END,
           CASE WHEN v.status = present.status THEN later.instant END,
           CASE WHEN v.status = present.status THEN later.status END,
           v.detail
      FROM chosen c
      JOIN known k ON k.name = c.time_zone
      JOIN course present ON present.code = c.code AND present.instant = at
      LEFT JOIN LATERAL (SELECT n.instant, n.status
                           FROM course n
                          WHERE n.code = c.code AND n.instant > at AND n.status <> present.status
                          ORDER BY n.instant LIMIT 1) later ON true
     CROSS JOIN LATERAL (
           SELECT CASE WHEN NOT c.is_active THEN 'inactive'
                       WHEN NOT EXISTS (SELECT FROM session s WHERE s.market = c.code)
                       THEN 'unknown'
                       ELSE present.status END,
                  CASE WHEN NOT c.is_active THEN 'The market is not active.'
                       WHEN NOT EXISTS (SELECT FROM session s WHERE s.market = c.code)
                       THEN 'It has no active trading session with a known time zone.' END
           ) AS v (status, detail)
     ORDER BY c.code;
END
$market_status$;
COMMENT ON FUNCTION etl.market_status IS $comment$
Shows what each market is at a moment, with its local time and when that changes next, and to what.
status is open, closed, pre_market, after_hours, opening_auction and so on; inactive; or unknown
where the market has no usable sessions. next_change lies within eight days; NULL means never, or
unknown.

It reads the platform's own markets and trading_sessions. Times are wall time in the time zone of
the session or its market. day_of_week is 0 (Sunday) to 6, or an English name, NULL for every day.
An end that is not after the start is on the next day, and 23:59:59 is taken for midnight. Holidays
are not known.

Parameters:
  market: Code of a market. NULL means all.
  at: Moment to look at.
Raises ME003, ME004.
$comment$;
