"""What is generated from the database: complete, up to date; a comment that is amiss is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from mytrader_etl.deployment import sources
from mytrader_etl.options import ROUTINES
from tools.catalog import read_routines, resolve, written
from tools.comments import Comment, CommentError, parse
from tools.generate import OPTIONS, REFERENCE, ROOT, main
from tools.options import class_name, modules

Connection = psycopg.Connection[Any]

GOOD = """
Does something with a table. It takes a while.

It is
cheap.

Parameters:
  table_name: Table to work on, as
    written in SQL: with its schema.
  on_conflict: What happens. One of: keep, force,
    abort.
As in etl.other: target,
  reason.
Returns one row; changed counts
  the rows.
Raises ME001, ME003.
"""


def generate(dsn: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--dsn", dsn])


def test_files_are_up_to_date(dsn: str) -> None:
    result = generate(dsn, "--check")
    assert (result.exit_code, result.stderr) == (0, "")


def test_out_of_date_is_told_and_written_anew(dsn: str, tmp_path: Path) -> None:
    here = ("--root", str(tmp_path))
    assert generate(dsn, "--check", *here).exit_code == 1
    assert not (tmp_path / REFERENCE).exists()
    assert generate(dsn, *here).exit_code == 0
    for path in (REFERENCE, *(OPTIONS / f"{name}.py" for name in ("__init__", "correction"))):
        assert (tmp_path / path).read_text() == (ROOT / path).read_text()
    (tmp_path / OPTIONS / "base.py").touch()
    assert generate(dsn, "--check", *here).exit_code == 0

    (tmp_path / OPTIONS / "gone.py").touch()
    with (tmp_path / REFERENCE).open("a") as file:
        file.write("edited\n")
    result = generate(dsn, "--check", *here)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{OPTIONS / 'gone.py'} is out of date: run make docs",
        f"{REFERENCE} is out of date: run make docs",
    ]
    assert generate(dsn, *here).exit_code == 0
    assert not (tmp_path / OPTIONS / "gone.py").exists()
    assert (tmp_path / OPTIONS / "base.py").exists()


def test_everything_is_in_the_reference(db: Connection) -> None:
    text = (ROOT / REFERENCE).read_text()
    for routine in sources.routines():
        public = routine.role != "internal" and not routine.name.startswith("_")
        assert (f"\n### etl.{routine.name}\n" in text) is public
    tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'etl'").fetchall()
    assert tables
    for (table,) in tables:
        assert f"\n### etl.{table}\n" in text
    assert "\n### public.etl_execution_history\n" in text
    assert "\n### mytrader-etl correct\n" in text
    for number in range(1, 13):
        assert f"| ME{number:03} |" in text
    assert "(no comment)" not in text


def test_parameters_in_the_reference() -> None:
    lines = (ROOT / REFERENCE).read_text().splitlines()
    start = lines.index("### etl.correct_asset_classes")
    assert (
        "| batch_size | integer | 1000 | Rows of the first batch. The next ones are sized when "
        "adaptive. From 1 to 10,000,000. |"
    ) in lines[start:]
    rollback = lines.index("### etl.rollback_outcomes")
    assert "One of: restored, forced, kept," in " ".join(lines[rollback : rollback + 12])


def test_every_routine_has_its_class(session: Any) -> None:
    """Names, types and defaults are those of the database, in its order."""
    found = {routine.routine: routine for routine in ROUTINES}
    routines = read_routines(session())
    assert found.keys() == {routine.name for routine in routines}
    for routine in routines:
        options = found[routine.name]
        assert options.__name__ == class_name(routine.name)
        assert options.__module__ == f"mytrader_etl.options.{routine.room}"
        assert options.is_procedure is routine.is_procedure
        assert [
            (d.name, d.parameter.sql_type, d.parameter.meaning, d.parameter.default)
            for d in options.declared()
        ] == [(p.name, p.sql_type, p.meaning, p.default) for p in routine.parameters]


def test_every_parameter_is_explained_once(session: Any) -> None:
    """Either by the routine itself, or by one that it refers to; reading refuses anything else."""
    for routine in read_routines(session()):
        explained = [*routine.comment.meanings, *routine.comment.references]
        assert sorted(explained) == sorted(parameter.name for parameter in routine.parameters)


def test_ranges_are_quoted_from_where_they_are_checked(session: Any) -> None:
    connection = session()
    connection.execute(
        "CREATE OR REPLACE FUNCTION etl._option_ranges()"
        " RETURNS TABLE (option text, kind text, lowest text, highest text, is_limit boolean)"
        " LANGUAGE sql AS $$ VALUES ('batch_size', 'number', '2', '3000', false) $$"
    )
    text = modules(read_routines(connection))["correction.py"]
    assert "From 2 to 3,000." in text
    assert "From 10 ms to 1 minute." not in text


def test_a_range_of_another_kind_is_refused(session: Any) -> None:
    connection = session()
    connection.execute(
        "CREATE OR REPLACE FUNCTION etl._option_ranges()"
        " RETURNS TABLE (option text, kind text, lowest text, highest text, is_limit boolean)"
        " LANGUAGE sql AS $$ VALUES ('batch_size', 'interval', '0', '1 day', false) $$"
    )
    with pytest.raises(CommentError, match="batch_size is of type integer"):
        read_routines(connection)


def test_a_comment_is_read() -> None:
    comment = parse("some", GOOD)
    assert comment.prose == ("Does something with a table. It takes a while.", "It is cheap.")
    assert comment.meanings["table_name"].text == (
        "Table to work on, as written in SQL: with its schema."
    )
    assert comment.meanings["on_conflict"].text == "What happens."
    assert comment.meanings["on_conflict"].choices == ("keep", "force", "abort")
    assert comment.references == {"target": "other", "reason": "other"}
    assert comment.closing == [
        "Returns one row; changed counts the rows.",
        "Raises ME001, ME003.",
    ]


def test_what_a_routine_returns_may_go_on_without_indentation() -> None:
    told = "Returns one row per\noperation: all.\nRaises ME002, and\nME003."
    comment = parse("some", f"Does it.\n\nAs in etl.other: target.\n{told}")
    assert comment.closing == ["Returns one row per operation: all.", "Raises ME002, and ME003."]


def test_a_comment_may_refer_for_all_its_parameters() -> None:
    comment = parse("some", "Does it.\n\nAs in etl.other: target.\nAs in etl.third: reason.")
    assert comment.references == {"target": "other", "reason": "third"}


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        (GOOD, "", "the summary is missing"),
        (GOOD, "Parameters:\n  target: Target.", "the summary is missing"),
        ("takes a while.", "takes a while", "a period is missing at the end of 'Does something"),
        ("with its schema.", "with its schema", "a period is missing"),
        ("ME003.", "ME003", "a period is missing at the end of 'Raises ME001, ME003'"),
        ("It is\ncheap.", "  It is cheap.", "a line is indented before 'Parameters:'"),
        ("It is", "It is " + "very " * 20, "more than 100 columns"),
        ("It is", "It\tis", "a tab"),
        ("  table_name: ", "  table_name - ", "expected '  name: meaning'"),
        ("  on_conflict:", "    on_conflict:", "parameter on_conflict is not explained"),
        ("  on_conflict:", " on_conflict:", "expected 'Parameters:' with entries"),
        ("on_conflict:", "table_name:", "parameter table_name is explained twice"),
        ("target,", "table_name,", "parameter table_name is explained twice"),
        ("One of: keep, force", "One of: keep; force", "expected 'One of: a, b, c.'"),
        ("abort.", "abort. It is.", "expected 'One of: a, b, c.'"),
        ("As in etl.other:", "As in other:", "expected 'As in etl.routine: name, name.'"),
        ("reason.\n", "reason.\nAnd so on.\n", "expected 'Parameters:' with entries"),
        ("reason.\n", "reason.\n\n", "without empty lines"),
        ("Raises ME001", "Parameters:\nRaises ME001", "expected 'Parameters:' with entries"),
    ],
)
def test_a_comment_out_of_form_is_refused(good: str, bad: str, told: str) -> None:
    text = GOOD.replace(good, bad)
    assert text != GOOD
    comments = {"some": text, "other": "Does it.\n\nParameters:\n  target: It.\n  reason: It."}
    with pytest.raises(CommentError) as caught:
        resolve(
            "some",
            ("table_name", "on_conflict", "target", "reason"),
            {name: parse(name, comment) for name, comment in comments.items()},
        )
    assert str(caught.value).startswith("comment of etl.some: ")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("Does it.", "parameter target is not explained"),
        ("Does it.\n\nAs in etl.missing: target.", "no public routine etl.missing to refer to"),
        ("Does it.\n\nAs in etl.second: target.", "refer to etl.first"),
        ("Does it.\n\nAs in etl.first: target, reason.", "does not explain a parameter reason"),
        ("Does it.\n\nParameters:\n  target: It.\n  more: It.", "no parameter more to explain"),
    ],
)
def test_a_comment_that_does_not_fit_is_refused(comment: str, told: str) -> None:
    comments: dict[str, Comment] = {
        "first": parse("first", "Does it.\n\nParameters:\n  target: Target."),
        "second": parse("second", "Does it.\n\nAs in etl.first: target."),
        "some": parse("some", comment),
    }
    with pytest.raises(CommentError, match=told):
        resolve("some", ["target"], comments)


def test_the_generator_names_the_comment(db: Connection, dsn: str) -> None:
    db.execute("COMMENT ON FUNCTION etl.correction_health IS 'Does it.'")
    result = generate(dsn, "--check")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: comment of etl.correction_health: parameter target is not explained\n"
    )


def test_choices_are_of_text(session: Any) -> None:
    connection = session()
    connection.execute(
        "COMMENT ON FUNCTION etl.correction_status IS"
        " E'Does it.\\n\\nParameters:\\n  correction_id: Which. One of: this, that.'"
    )
    with pytest.raises(CommentError, match="correction_id is of type uuid: only text has"):
        read_routines(connection)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'02:00:00'::interval", "'2 hours'"),
        ("'01:00:00'::interval", "'1 hour'"),
        ("'00:30:00'::interval", "'30 minutes'"),
        ("'00:01:30'::interval", "'90 s'"),
        ("'00:00:00.5'::interval", "'500 ms'"),
        ("'00:00:00.0005'::interval", "'0.5 ms'"),
        ("'00:00:00'::interval", "'0'"),
        ("'30 days'::interval", "'30 days'"),
        ("'keep'::text", "'keep'"),
        ("NULL::text[]", "NULL"),
        ("now()", "now()"),
        ("1000", "1000"),
    ],
)
def test_a_default_is_written_as_one_would(expression: str, expected: str) -> None:
    assert written(expression) == expected
