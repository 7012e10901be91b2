"""What must hold for every routine: comment, search_path, rights, one file each."""

from __future__ import annotations

import pytest
from sql_support import rows

from mytrader_etl.deployment import sources

ROUTINES = """
SELECT p.proname, p.prokind, p.prosecdef, p.proconfig, l.lanname, obj_description(p.oid, 'pg_proc'),
       p.prosrc
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'etl'::regnamespace
"""
PINNED = ["search_path=pg_catalog, pg_temp"]
UNPINNED = {
    "_is_stored": "runs for every row; qualifies what it calls",
    "_keep_duty_cycle": "runs for many rows; qualifies what it calls",
    "_set_lock_timeout": "its setting has to outlive it; qualifies what it calls",
    "_trust_triggers": "its setting has to outlive it; qualifies what it calls",
}
"""Functions without a search_path of their own, and why that is safe."""


@pytest.fixture(scope="module")
def routines(calm_market):
    return rows(calm_market, ROUTINES)


def test_every_file_is_one_routine_of_its_name(routines):
    assert sorted(routine.name for routine in sources.routines()) == sorted(r[0] for r in routines)


def test_every_routine_is_commented(routines):
    for name, *_, comment, _ in routines:
        assert comment, name
        assert name.startswith("_") == comment.startswith("Internal:"), name


def test_every_function_pins_its_search_path(routines):
    found = {
        name
        for name, kind, _, config, *_ in routines
        if kind == "f" and (config or [])[:1] != PINNED
    }
    assert found == UNPINNED.keys()


def test_definers_are_pinned_and_procedures_can_commit(routines):
    for name, kind, is_definer, config, *_ in routines:
        if kind == "p":
            assert (is_definer, config) == (False, None), name
        elif is_definer:
            assert (config or [])[:1] == PINNED, name


def test_input_parameters_of_internals_are_told_from_columns(calm_market):
    found = rows(
        calm_market,
        "SELECT p.proname, a.name FROM pg_proc p"
        "  CROSS JOIN LATERAL unnest(p.proargnames, p.proargmodes) AS a (name, mode)"
        " WHERE p.pronamespace = 'etl'::regnamespace AND starts_with(p.proname, '_')"
        "   AND coalesce(a.mode, 'i') = 'i' AND NOT starts_with(a.name, 'p_')",
    )
    assert found == []


def test_no_routine_hands_an_error_on_as_text(routines):
    for name, *_, source in routines:
        assert "RAISE EXCEPTION '%', SQLERRM" not in source, name


@pytest.mark.parametrize("kind", ["r", "c"])
def test_every_table_type_and_column_is_commented(calm_market, kind):
    missing = rows(
        calm_market,
        "SELECT c.oid::regclass::text, a.attname FROM pg_class c"
        "  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND c.relkind = 'r'"
        "                           AND NOT a.attisdropped"
        " WHERE (c.relnamespace = 'etl'::regnamespace OR c.relname = 'etl_execution_history')"
        "   AND c.relkind = %s"
        "   AND (CASE c.relkind WHEN 'r' THEN obj_description(c.oid, 'pg_class')"
        "                       ELSE obj_description(c.reltype, 'pg_type') END IS NULL"
        "        OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)",
        kind,
    )
    assert missing == []
