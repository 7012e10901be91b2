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
    UNSET,
    AnalyzeAssetClassesOptions,
    CancelOperationOptions,
    CorrectAssetClassesOptions,
    ExecutionHistoryOptions,
    PreviewCorrectionOptions,
    RegisterTargetOptions,
    RollbackCorrectionOptions,
    Routine,
    TuneOperationOptions,
)
from mytrader_etl.statements import bind, paste

SOME_ID = UUID("0195a1b2-0000-4000-8000-000000000001")
NASTY = "it's a \\ \"test\" $$ %s %(x)s; DROP TABLE symbols; --\n'"


def test_what_is_left_out_is_not_sent() -> None:
    assert paste(CorrectAssetClassesOptions()) == "CALL etl.correct_asset_classes();"
    assert paste(AnalyzeAssetClassesOptions()) == "SELECT * FROM etl.analyze_asset_classes();"
    assert bind(CorrectAssetClassesOptions(batch_size=UNSET, reason=UNSET)).values == {}
    assert not UNSET
    assert repr(UNSET) == "UNSET"


def test_what_is_given_is_sent_though_it_equals_the_default() -> None:
    options = CorrectAssetClassesOptions(batch_size=1000, adaptive=True, timeout="2 hours")
    assert bind(options).values == {"batch_size": 1000, "adaptive": True, "timeout": "2 hours"}


def test_a_dimension_table_is_sent_whatever_its_name() -> None:
    options = RegisterTargetOptions(target="t", fact_table="bars", dimension_table="symbols")
    assert bind(options).values["dimension_table"] == "symbols"
    assert "dimension_table => 'symbols'" in paste(options)


def test_none_is_sent_as_null(db: psycopg.Connection[Any]) -> None:
    options = RegisterTargetOptions(target="t", fact_table="bars", known_values=None)
    statement = bind(options)
    assert statement.values["known_values"] is None
    assert "known_values => %(known_values)s::text[]" in statement.text
    assert "known_values => NULL" in paste(options)
    nothing = bind(ExecutionHistoryOptions(max_rows=None))
    assert db.execute(nothing.text, nothing.values).fetchall() == []


def test_values_that_hold() -> None:
    options = CorrectAssetClassesOptions(max_concurrency=2, allowed_hours=None)
    names = ("max_concurrency", "max_retries", "allowed_hours", "adaptive", "target", "timeout")
    assert [options.effective(name) for name in names] == [
        *(2, 3, None, True, "market_data", "2 hours")
    ]
    assert options.effective("no_such_option", 7) == 7
    with pytest.raises(ValueError, match="_asset_classes"):
        RegisterTargetOptions(target="t", fact_table="bars").effective("known_values")


def test_options_of_another_routine() -> None:
    correction = CorrectAssetClassesOptions(batch_size=1000, target_symbols=None, max_retries=5)
    preview = PreviewCorrectionOptions.of(correction)
    assert preview == PreviewCorrectionOptions(batch_size=1000, target_symbols=None)


def test_print() -> None:
    options = CorrectAssetClassesOptions(
        batch_size=500, adaptive=False, target_symbols=["AAPL", "O'NEIL"], timeout="1 hour"
    )
    assert paste(options).splitlines() == [
        "CALL etl.correct_asset_classes(",
        "    batch_size => 500,",
        "    adaptive => false,",
        "    target_symbols => '{AAPL,O''NEIL}',",
        "    timeout => '1 hour'",
        ");",
    ]


def test_bound_values_are_cast() -> None:
    statement = bind(RollbackCorrectionOptions(correction_id=SOME_ID, batch_numbers=(1, 2)))
    assert statement.text == (
        "CALL etl.rollback_correction(\n"
        "    correction_id => %(correction_id)s::uuid,\n"
        "    batch_numbers => %(batch_numbers)s::integer[]\n"
        ")"
    )
    assert statement.values == {"correction_id": str(SOME_ID), "batch_numbers": [1, 2]}


def test_false_and_zero_are_values() -> None:
    assert bind(
        TuneOperationOptions(execution_id=SOME_ID, adaptive=False, max_retries=0)
    ).values == {
        "execution_id": str(SOME_ID),
        "adaptive": False,
        "max_retries": 0,
    }


@pytest.mark.parametrize(
    ("sql_type", "value"),
    [
        ("integer", 7),
        ("integer", -7),
        ("boolean", True),
        ("numeric", Decimal("2.5")),
        ("numeric", 2.5),
        ("text", NASTY),
        ("interval", timedelta(hours=1, milliseconds=5)),
        ("interval", "90 minutes"),
        ("uuid", SOME_ID),
        ("text", None),
        ("text[]", None),
        ("text[]", ["a", NASTY, "", "with, comma", "{}"]),
        ("integer[]", (1, 2)),
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
    script = paste(CorrectAssetClassesOptions(correction_id=SOME_ID, batch_size=500, reason=NASTY))
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


@pytest.mark.parametrize(
    "options", [ExecutionHistoryOptions(max_rows=1), ExecutionHistoryOptions(target=NASTY)]
)
def test_bound_statement_executes(db: psycopg.Connection[Any], options: Routine) -> None:
    statement = bind(options)
    assert db.execute(statement.text, statement.values).fetchall() == []


def test_required_parameter() -> None:
    with pytest.raises(TypeError, match="execution_id"):
        CancelOperationOptions()  # type: ignore[call-arg]
