"""What is printed is what executes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

import psycopg
import pytest

from mytrader_etl.options import (
    ROUTINES,
    AnalyzeOptions,
    CancelOptions,
    CorrectionOptions,
    HistoryOptions,
    RollbackOptions,
    Routine,
    TuneOptions,
)
from mytrader_etl.statements import bind, paste

SOME_ID = UUID("0195a1b2-0000-4000-8000-000000000001")
NASTY = "it's a \\ \"test\" $$ %s %(x)s; DROP TABLE symbols; --\n'"


def test_defaults_are_not_written() -> None:
    assert paste(CorrectionOptions()) == "CALL etl.correct_asset_classes();"
    assert paste(AnalyzeOptions()) == "SELECT * FROM etl.analyze_asset_classes();"
    assert bind(CorrectionOptions(batch_size=1000)).values == {}


def test_print() -> None:
    options = CorrectionOptions(
        batch_size=500, adaptive=False, target_symbols=["AAPL", "O'NEIL"], timeout="1 hour"
    )
    assert paste(options).splitlines() == [
        "CALL etl.correct_asset_classes(",
        "    target_symbols => '{AAPL,O''NEIL}',",
        "    batch_size => 500,",
        "    adaptive => false,",
        "    timeout => '1 hour'",
        ");",
    ]


def test_bound_values_are_cast() -> None:
    statement = bind(RollbackOptions(correction_id=SOME_ID, batch_numbers=(1, 2)))
    assert statement.text == (
        "CALL etl.rollback_correction(\n"
        "    correction_id => %(correction_id)s::uuid,\n"
        "    batch_numbers => %(batch_numbers)s::int[]\n"
        ")"
    )
    assert statement.values == {"correction_id": str(SOME_ID), "batch_numbers": [1, 2]}


def test_false_and_zero_are_values() -> None:
    assert bind(TuneOptions(execution_id=SOME_ID, adaptive=False, max_retries=0)).values == {
        "execution_id": str(SOME_ID),
        "adaptive": False,
        "max_retries": 0,
    }


@pytest.mark.parametrize(
    ("sql_type", "value"),
    [
        ("int", 7),
        ("int", -7),
        ("boolean", True),
        ("numeric", Decimal("2.5")),
        ("numeric", 2.5),
        ("text", NASTY),
        ("interval", timedelta(hours=1, milliseconds=5)),
        ("interval", "90 minutes"),
        ("uuid", SOME_ID),
        ("text[]", ["a", NASTY, "", "with, comma", "{}"]),
        ("int[]", (1, 2)),
    ],
)
def test_literal_and_bound_value_are_the_same(
    db: psycopg.Connection[Any], sql_type: str, value: Any
) -> None:
    options = _declared_as(sql_type)(value=value)
    literal = paste(options).split(" => ", 1)[1].removesuffix("\n);")
    bound = bind(options)
    placeholder = bound.text.split(" => ", 1)[1].removesuffix("\n)")
    row = db.execute(
        f"SELECT {placeholder} IS NOT DISTINCT FROM {literal.replace('%', '%%')}::{sql_type}",
        bound.values,
    ).fetchone()
    assert row == (True,)


def _declared_as(sql_type: str) -> type[Any]:
    """A routine with one parameter of this type."""
    return next(
        _one_parameter(declared)
        for routine in ROUTINES
        for declared in routine.declared()
        if declared.parameter.sql_type == sql_type
    )


def _one_parameter(declared: Any) -> type[Any]:
    namespace: dict[str, Any] = {
        "__annotations__": {
            "routine": ClassVar[str],
            "value": Annotated[Any, declared.parameter],
        },
        "routine": "example",
        "value": None,
    }
    return dataclass(frozen=True, kw_only=True)(type("Example", (Routine,), namespace))


def test_printed_statement_runs_in_psql(
    market: psycopg.Connection[Any], dsn: str, pg_server: Any
) -> None:
    script = paste(CorrectionOptions(correction_id=SOME_ID, batch_size=500, reason=NASTY))
    subprocess.run(
        [pg_server.command("psql"), "-X", "-v", "ON_ERROR_STOP=1", "-d", dsn],
        input=script,
        text=True,
        check=True,
        capture_output=True,
    )
    row = market.execute(
        "SELECT status, records_changed, reason, parameters -> 'batch_size'"
        "  FROM etl_execution_history WHERE execution_id = %s",
        [SOME_ID],
    ).fetchone()
    assert row == ("completed", 30, NASTY, 500)


def test_declared_parameters_are_those_of_the_database(db: psycopg.Connection[Any]) -> None:
    """Names, types and defaults: what is not written on either side must mean the same."""
    results = {
        *("status", "changed", "skipped", "failed", "batches", "backup_table"),
        *("quality_before", "quality_after", "duration", "purge_id"),
        *("result", "created"),
    }
    for routine in ROUTINES:
        rows = db.execute(
            """
            SELECT a.name, format_type(a.type, NULL)
              FROM pg_proc p
             CROSS JOIN unnest(p.proargnames, p.proargmodes::text[],
                               coalesce(p.proallargtypes, p.proargtypes::oid[]))
                   AS a (name, mode, type)
             WHERE p.pronamespace = 'etl'::regnamespace AND p.proname = %s
               AND coalesce(a.mode, 'i') IN ('i', 'b')
            """,
            [routine.routine],
        ).fetchall()
        in_database = {name: sql_type for name, sql_type in rows if name not in results}
        here = {
            declared.name: {"int": "integer", "int[]": "integer[]"}.get(
                declared.parameter.sql_type, declared.parameter.sql_type
            )
            for declared in routine.declared()
        }
        assert here == in_database, routine.routine


@pytest.mark.parametrize("options", [HistoryOptions(max_rows=1), HistoryOptions(target=NASTY)])
def test_bound_statement_executes(db: psycopg.Connection[Any], options: Routine) -> None:
    statement = bind(options)
    assert db.execute(statement.text, statement.values).fetchall() == []


def test_required_parameter() -> None:
    with pytest.raises(TypeError, match="execution_id"):
        CancelOptions()  # type: ignore[call-arg]
