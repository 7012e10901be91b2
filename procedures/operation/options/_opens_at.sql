CREATE OR REPLACE FUNCTION etl._opens_at(p_hours text, p_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $_opens_at$
-- When the next of the hours begin, such as '22:00-06:00 Europe/Istanbul'; NULL: p_at is within
-- them. Hours that end before they begin span midnight.
-- Raises 22007, 22008, 22023 where they cannot be read.
SELECT CASE
    WHEN h.from_time < h.to_time AND l.local_time >= h.from_time AND l.local_time < h.to_time
      OR h.from_time > h.to_time AND (l.local_time >= h.from_time OR l.local_time < h.to_time)
    THEN NULL
    ELSE (p_at AT TIME ZONE h.zone)::date + h.from_time
         + CASE WHEN l.local_time >= h.from_time THEN interval '1 day' ELSE interval '0' END
    END AT TIME ZONE h.zone
  FROM (SELECT p.part[1]::time, p.part[2]::time, coalesce(p.part[3], current_setting('TimeZone'))
          FROM regexp_match(p_hours,
                            '^\s*(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)(?:\s+(\S+))?\s*$') AS p (part)
       ) AS h (from_time, to_time, zone)
 CROSS JOIN LATERAL (SELECT (p_at AT TIME ZONE h.zone)::time) AS l (local_time)
$_opens_at$;
COMMENT ON FUNCTION etl._opens_at IS
    'Internal: when allowed hours begin next; NULL within them.';
