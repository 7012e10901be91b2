"""Every PL/pgSQL body is clean under plpgsql_check with all warnings.

The extension comes with Debian's PostgreSQL 15; in CI it has to be there.
"""

from __future__ import annotations

import os

import pytest

CHECK = """
SELECT p.oid::regprocedure::text, c.level, c.lineno, c.message, c.detail, c.hint, c.query
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
  LEFT JOIN pg_catalog.pg_trigger t ON t.tgfoid = p.oid
 CROSS JOIN LATERAL plpgsql_check_function_tb(
           p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, all_warnings => true,
           oldtable => CASE WHEN coalesce(t.tgoldtable, t.tgnewtable) IS NOT NULL
                            THEN 'old_rows'::name END,
           newtable => CASE WHEN coalesce(t.tgoldtable, t.tgnewtable) IS NOT NULL
                            THEN 'new_rows'::name END) c
 WHERE p.pronamespace = 'etl'::regnamespace
 ORDER BY 1, c.lineno
"""


def test_routines_are_clean(market):
    db = market
    available = "SELECT FROM pg_available_extensions WHERE name = 'plpgsql_check'"
    if db.execute(available).fetchone() is None:
        if os.environ.get("CI") and 150000 <= db.info.server_version < 160000:
            pytest.fail("plpgsql_check is not installed, which CI needs on PostgreSQL 15")
        pytest.skip("the server under test does not have the extension plpgsql_check")
    db.execute("CREATE SCHEMA checker; CREATE EXTENSION plpgsql_check SCHEMA checker")
    db.execute("SET search_path = public, checker")
    count = db.execute(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'etl'::regnamespace"
    ).fetchone()[0]
    assert count > 0

    findings = db.execute(CHECK).fetchall()

    assert findings == [], "\n" + "\n".join(" | ".join(map(str, row)) for row in findings)
