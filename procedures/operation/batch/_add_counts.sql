CREATE OR REPLACE FUNCTION etl._add_counts(p_left bigint[], p_right bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $_add_counts$
-- Sum by position; NULL stands for no counts.
SELECT CASE WHEN p_left IS NULL THEN p_right
            WHEN p_right IS NULL THEN p_left
            ELSE (SELECT array_agg(l.n + r.n ORDER BY l.i)
                    FROM unnest(p_left) WITH ORDINALITY AS l (n, i)
                    JOIN unnest(p_right) WITH ORDINALITY AS r (n, i) USING (i)) END
$_add_counts$;
COMMENT ON FUNCTION etl._add_counts IS 'Internal: adds two arrays of counts.';
