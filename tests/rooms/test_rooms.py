"""The house of the routines: rooms in layers, none too large, nothing left over."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import call_graph
import pytest

from mytrader_etl.deployment import sources

DISPATCH = "operation/dispatch"
MOST_FILES = 30
MOST_README_LINES = 15


@pytest.fixture(scope="module")
def graph():
    return call_graph.graph()


def test_a_room_calls_only_rooms_below_it(graph):
    upwards = [
        f"{graph.room_of[caller]}/{caller} calls {graph.room_of[callee]}/{callee}"
        for caller, callee in graph.edges()
        if graph.layer(callee) > graph.layer(caller) and graph.room_of[caller] != DISPATCH
    ]
    assert upwards == []


def test_dispatch_is_the_only_room_that_calls_upwards(graph):
    """And it does: else the exception would be no longer needed."""
    assert any(
        graph.room_of[caller] == DISPATCH and graph.layer(callee) > graph.layer(caller)
        for caller, callee in graph.edges()
    )


def test_no_room_is_too_large(graph):
    sizes = Counter(graph.room_of.values())
    assert {room: size for room, size in sizes.items() if size > MOST_FILES} == {}
    assert set(sizes) == set(graph.rooms)


def test_every_routine_is_called_or_public(graph):
    """The installer calls some by name, and triggers call theirs."""
    folder = Path(sources.__file__).parent
    installer = "".join(file.read_text() for file in folder.iterdir() if file.is_file())
    named_there = set(re.findall(r"etl\.(_\w+)\(", installer))
    triggers = {r.name for r in sources.routines() if "RETURNS trigger" in r.text}
    left_over = {
        name
        for name in graph.room_of
        if name.startswith("_") and name not in graph.called() | named_there | triggers
    }
    assert left_over == set()


def test_hooks_have_no_else():
    """A kind of job that a hook does not know is an error, never taken for another kind."""
    for routine in sources.routines():
        if routine.room == DISPATCH:
            for case in re.findall(r"^ *CASE\b.*?^ *END CASE;", routine.text, re.M | re.S):
                assert not re.search(r"^ *ELSE\b", case, re.M), routine.name


def jobs():
    """Return kind of job -> what it works on, as the list of jobs has it."""
    (text,) = (r.text for r in sources.routines() if r.name == "_jobs")
    found = dict(re.findall(r"^    \('(\w+)', '(\w+)',", text, re.M))
    assert {"correction": "target", "sync": "platform", "purge": "backups"}.items() <= found.items()
    return found


@pytest.mark.parametrize(
    ("hook", "works_on"),
    [
        ("_work_on_batch", {"target", "platform", "backups"}),
        ("_end_pass", {"target", "platform", "backups"}),
        ("_change_rows", {"target", "platform"}),
        ("_record_failure", {"target", "platform"}),
    ],
)
def test_every_job_has_its_branch_in_the_hooks_that_do_its_work(hook, works_on):
    """One that is missing would be noticed in the first batch only."""
    (text,) = (r.text for r in sources.routines() if (r.room, r.name) == (DISPATCH, hook))
    branches = re.findall(r"^ *WHEN ((?:'\w+'(?:, )?)+) THEN", text, re.M)
    known = {kind for branch in branches for kind in re.findall(r"'(\w+)'", branch)}
    assert known == {kind for kind, table in jobs().items() if table in works_on}


def test_a_procedure_hands_on_every_option():
    """One that is left out would be accepted, and ignored."""
    compared = set()
    for routine in sources.routines():
        listed = re.search(r"to_jsonb\(o\)\s+FROM \(SELECT (.*?)\)? AS o\)", routine.text, re.S)
        head = routine.text.partition("\nAS $")[0]
        if "PROCEDURE" not in head or listed is None:
            continue
        parameters = re.findall(r"^    (?!INOUT|OUT)(\w+) ", head, re.M)
        handed_on = set(re.findall(r"\w+", re.sub(r"'[^']*'|\w+\.", "", listed[1])))
        left_out = {"correction_id", "reason"}
        assert set(parameters) - handed_on <= left_out, routine.name
        compared.add(routine.name)
    assert {"correct_asset_classes", "rollback_correction", "sync_symbols"} <= compared


def test_only_dispatch_and_the_jobs_themselves_know_the_kinds_of_jobs():
    kinds = "|".join(jobs())
    compared = re.compile(rf"operation\b[^;\n]*(=|<>|\bIN\b)[^;\n]*'({kinds})'|WHEN '({kinds})'")
    kernel = ("operation", "operation/", "catalog", "installation", "quality", "target", "platform")
    found = [
        f"{routine.path}: {line.strip()}"
        for routine in sources.routines()
        if routine.room != DISPATCH
        and (routine.room in kernel or routine.room.startswith("operation/"))
        for line in routine.text.splitlines()
        if compared.search(line) and not line.lstrip().startswith("--")
    ]
    allowed = [line for line in found if line.startswith("quality/_estimate_duration.sql")]
    assert found == allowed


def test_no_pass_number_has_a_meaning_in_the_kernel():
    for routine in sources.routines():
        if routine.room.startswith("operation"):
            assert not re.search(r"\bpass\s*(<>|=|>|<)\s*\d", routine.text), routine.path


def test_every_room_says_what_it_is_for(graph):
    folder = sources.data_dir("procedures")
    for room in graph.rooms:
        readme = folder / room / "README.md"
        assert readme.is_file(), f"{room} has no README.md"
        lines = readme.read_text().splitlines()
        assert 3 <= len(lines) <= MOST_README_LINES, room


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT etl._one(1), etl.two ();", {"_one", "two"}),
        ("-- see etl._one()\nSELECT 1;", set()),
        ("HINT = 'CALL etl.two();'", set()),
        ("format('SELECT etl._one(%s)', x)", {"_one"}),
        ("$q$ SELECT etl.two() $q$", {"two"}),
        ("SELECT 1;\nCOMMENT ON FUNCTION etl._one() IS 'x';", set()),
    ],
)
def test_calls_are_told_from_mentions(text, found):
    assert call_graph.calls(text) == found


SQL_TEXT = re.compile(r"(An? )?(SQL|Query|The statement|Rest of a SET|End of a batch)")
SQL_NAME = re.compile(r"_(condition|expression|clause|query|statement)s?$")


def test_names_say_what_a_routine_returns():
    """A question is answered by a boolean; SQL text is told by its ending."""
    for routine in sources.routines():
        head, _, body = routine.text.partition("\nAS $")
        if re.match(r"_(is|has|needs|can)_", routine.name):
            assert re.search(r"RETURNS boolean$", head, re.M), routine.name
        first_comment = re.search(r"^-- (.*)", body, re.M)
        if re.search(r"RETURNS text(\[\])?$", head, re.M) and first_comment:
            returns_sql = SQL_TEXT.match(first_comment.group(1)) is not None
            assert returns_sql == bool(SQL_NAME.search(routine.name)), routine.name
