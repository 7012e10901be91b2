"""The command line: data on stdout, talk on stderr, exit codes, plans, formats."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import psycopg
import pytest
from driver_support import SLOW, classes, expected_classes, one
from sql_support import wait_until

from mytrader_etl import __version__
from mytrader_etl.cli import main
from mytrader_etl.cli.parameters import RoutineCommand
from mytrader_etl.deployment import sources
from mytrader_etl.options import ROUTINES, CorrectAssetClassesOptions
from mytrader_etl.statements import paste

Connection = psycopg.Connection[Any]


LOW_SCORES = {"completeness_score", "integrity_score", "data_quality_score"}
"""What validation finds in the test's market: bars without a usable symbol stay as they are."""


def as_json(result: Any) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_version(cli: Any) -> None:
    assert cli("--version").stdout == f"mytrader-etl, version {__version__}\n"


def test_a_newcomers_way(empty_dsn: str, empty_db: Connection, cli: Any) -> None:
    """Migrate, analyze, preview, correct, validate, roll back, history."""
    tables = Path(__file__).parent.parent / "market.sql"
    empty_db.execute(tables.read_text())

    def run(*arguments: str) -> Any:
        return as_json(cli("--dsn", empty_dsn, "--format", "json", *arguments))

    assert run("migrate", "up")["applied"]
    assert {state["state"] for state in run("migrate", "status")} == {"applied"}
    assert run("migrate", "verify") == []
    assert run("targets", "list")[0]["target"] == "market_data"
    bank = run("symbols", "classify", "BAC-PL", "--venue", "nyse")
    assert (bank["asset_class"], bank["rule"], bank["venue"]) == ("STOCK", "us_preferred", "NYSE")
    assert run("analyze")["null_records"] == 70
    assert sum(line["records"] for line in run("preview") if line["section"] == "change") == 30

    before = classes(empty_db)
    corrected = run("correct", "--yes")
    assert (corrected["status"], corrected["changed"]) == ("completed", 30)
    assert classes(empty_db) == expected_classes(empty_db)
    checks = json.loads(cli("--dsn", empty_dsn, "--format=json", "validate").stdout)
    assert {check["check_name"] for check in checks if not check["passed"]} == LOW_SCORES
    assert run("backups", "list")[0]["records"] == 30

    undone = run("rollback", corrected["execution_id"], "--yes", "--reason", "test")
    assert undone["changed"] == 30
    assert classes(empty_db) == before
    outcomes = run("outcomes", undone["execution_id"])
    assert {row["outcome"] for row in outcomes} == {"restored"}
    assert [row["operation"] for row in run("history")] == ["rollback", "correction"]

    assert run("migrate", "down", "--yes")["rolled_back"]
    assert one(empty_db, "SELECT to_regnamespace('etl')") is None


@pytest.mark.parametrize("format_", ["table", "json", "csv"])
def test_formats_say_the_same(market: Connection, cli: Any, format_: str) -> None:
    execution_id = as_json(cli("--format=json", "correct", "--yes"))["execution_id"]
    out = cli("status", "--format", format_).stdout
    if format_ == "json":
        (row,) = json.loads(out)
        assert (row["execution_id"], row["records_changed"]) == (execution_id, 30)
        assert isinstance(row["duration"], float)
        assert row["finished_at"] > row["started_at"]
    elif format_ == "csv":
        (row,) = csv.DictReader(out.splitlines())
        assert (row["execution_id"], row["records_changed"]) == (execution_id, "30")
        assert row["error_code"] == ""
    else:
        assert execution_id in out
        assert "completed" in out
        assert "…" not in out


def test_options_count_wherever_they_stand(market: Connection, dsn: str, cli: Any) -> None:
    elsewhere = {"MYTRADER_ETL_DSN": "host=/nonexistent", "MYTRADER_ETL_FORMAT": "csv"}
    first = cli("--dsn", dsn, "--format=json", "health", env=elsewhere)
    last = cli("--format=csv", "health", "--dsn", dsn, "--format=json", env=elsewhere)
    assert json.loads(first.stdout) == json.loads(last.stdout)


def test_options_from_the_environment(market: Connection, cli: Any) -> None:
    environment = {
        "MYTRADER_ETL_FORMAT": "json",
        "MYTRADER_ETL_CORRECT_TARGET_SYMBOLS": "AAPL, KO",
        "MYTRADER_ETL_CORRECT_CREATE_BACKUP": "no",
        "MYTRADER_ETL_CORRECT_YES": "1",
    }
    result = as_json(cli("correct", env=environment))
    assert (result["changed"], result["backup_table"]) == (20, None)


def test_connection_from_libpq_environment(market: Connection, cli: Any) -> None:
    info = market.info
    environment = {
        "MYTRADER_ETL_DSN": "",
        "PGHOST": info.host,
        "PGPORT": str(info.port),
        "PGUSER": info.user,
        "PGDATABASE": info.dbname,
    }
    assert as_json(cli("--format=json", "status", env=environment)) == []


@pytest.mark.parametrize(
    "command",
    [
        ["correct"],
        ["backups", "purge"],
        ["migrate", "down"],
    ],
)
def test_plan_and_no_change_without_yes(market: Connection, cli: Any, command: list[str]) -> None:
    before = classes(market)
    result = cli(*command)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--yes" in result.stderr
    assert classes(market) == before
    assert one(market, "SELECT count(*) FROM etl_execution_history WHERE NOT dry_run") == 0


def test_plan_of_a_correction(market: Connection, cli: Any) -> None:
    plan = cli("correct", "--target-symbols=AAPL").stderr
    assert "STOCK" in plan
    assert "10" in plan


def test_plan_of_a_rollback(market: Connection, cli: Any) -> None:
    done = as_json(cli("--format=json", "correct", "--yes"))
    result = cli("rollback", done["execution_id"])
    assert result.exit_code == 2
    assert "30 records" in result.stderr
    assert done["backup_table"] in result.stderr
    assert classes(market) == expected_classes(market)


def test_dry_run_needs_no_yes(market: Connection, cli: Any) -> None:
    before = classes(market)
    assert as_json(cli("--format=json", "correct", "--dry-run"))["changed"] == 30
    assert classes(market) == before


def test_progress_goes_to_stderr(large_market: Connection, cli: Any) -> None:
    result = cli("--format=json", "correct", "--yes", *SLOW[:2], "--pause-between-batches=20 ms")
    assert as_json(result)["changed"] == 6030
    assert "% " in result.stderr
    assert len(result.stderr.splitlines()) < 20


def test_control_from_another_session(large_market: Connection, cli: Any, start_cli: Any) -> None:
    correction_id = str(uuid4())
    running = start_cli("correct", "--yes", f"--correction-id={correction_id}", *SLOW)
    wait_until(lambda: one(large_market, "SELECT count(*) FROM etl.operation_batch") > 0)
    (status,) = as_json(cli("--format=json", "status"))
    assert (status["status"], status["live_workers"]) == ("running", 1)

    tuned = as_json(cli("--format=json", "tune", correction_id, "--batch-size=60"))
    assert [(row["setting"], row["new_value"]) for row in tuned] == [("batch_size", "60")]

    busy = cli("correct", "--yes")
    assert busy.exit_code == 3
    assert "error (ME001)" in busy.stderr
    assert correction_id in busy.stderr

    as_json(cli("--format=json", "pause", correction_id, "--reason=lunch"))
    out, err = running.communicate(timeout=120)
    assert running.returncode == 4, err
    assert "paused" in out
    as_json(cli("--format=json", "cancel", correction_id, "--reason=enough"))
    assert one(large_market, "SELECT status FROM etl_execution_history") == "cancelled"
    cli("tune", correction_id, "--pause-between-batches=0")
    assert as_json(cli("--format=json", "resume", correction_id))["changed"] == 6030


def test_watch(large_market: Connection, cli: Any, start_cli: Any) -> None:
    correction_id = str(uuid4())
    running = start_cli("correct", "--yes", f"--correction-id={correction_id}", *SLOW)
    wait_until(lambda: one(large_market, "SELECT count(*) FROM etl.operation_batch") > 0)
    cli("tune", correction_id, "--pause-between-batches=0")
    watched = as_json(cli("--format=json", "status", "--watch"))
    assert (watched["execution_id"], watched["status"]) == (correction_id, "completed")
    assert running.wait(120) == 0


def test_retry_and_failed_records(market: Connection, cli: Any) -> None:
    market.execute(
        "ALTER TABLE market_data ADD CONSTRAINT no_ko CHECK (symbol <> 'KO' OR asset_class IS NULL)"
    )
    result = cli("--format=json", "correct", "--yes")
    assert result.exit_code == 5
    execution_id = json.loads(result.stdout)["execution_id"]
    failed = as_json(cli("--format=json", "failed-records", execution_id))
    assert {row["match_value"] for row in failed} == {"KO"}
    market.execute("ALTER TABLE market_data DROP CONSTRAINT no_ko")
    assert as_json(cli("--format=json", "retry", execution_id))["changed"] == 10


def test_conflict_exits_5(market: Connection, cli: Any) -> None:
    done = as_json(cli("--format=json", "correct", "--yes"))
    market.execute("UPDATE market_data SET asset_class = 'ETF' WHERE symbol = 'KO'")
    undone = cli("--format=json", "rollback", done["execution_id"], "--yes")
    assert undone.exit_code == 5
    assert (json.loads(undone.stdout)["changed"], json.loads(undone.stdout)["skipped"]) == (20, 10)


def test_register_target(market: Connection, cli: Any) -> None:
    market.execute("CREATE TABLE bars (a int, b text, symbol text, cls text, PRIMARY KEY (a, b))")
    registered = as_json(
        cli(
            *("--format=json", "targets", "register", "bars", "public.bars"),
            *("--value-column=cls", "--dimension-value-column=asset_class"),
        )
    )
    assert (registered["key_columns"], registered["value_column"]) == (["a", "b"], "cls")


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ((), ["CRYPTO", "STOCK", "STOCK_BIST", "FOREX", "COMMODITY", "ETF", "INDEX", "FUTURE"]),
        (("--known-values", "A, B"), ["A", "B"]),
        (("--known-values", "NULL"), None),
    ],
)
def test_known_values(market: Connection, cli: Any, given: Any, known: Any) -> None:
    registered = as_json(cli("--format=json", "targets", "register", "bars", "market_data", *given))
    assert registered["known_values"] == known


def test_validation_that_fails_exits_1(market: Connection, cli: Any) -> None:
    as_json(cli("--format=json", "correct", "--yes"))
    backup = one(market, "SELECT backup_table FROM etl_execution_history")
    market.execute(f"DELETE FROM {backup} WHERE ctid = (SELECT min(ctid) FROM {backup})")
    result = cli("--format=json", "validate")
    assert result.exit_code == 1
    assert [check for check in json.loads(result.stdout) if not check["passed"]]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["correct", "--batch-size=many"], 2, "--batch-size"),
        (["correct", "--yes", "--batch-size=0"], 2, "error (ME003)"),
        (["correct", "--yes", "--timeout=a while"], 2, "a while"),
        (["correct", "--yes", "--target=nothing"], 1, "error (ME004)"),
        (["correct", "--yes", "--overwrite-existing-values"], 2, "hint: "),
        (["status", "0195a1b2-0000-4000-8000-000000000001"], 2, "error (ME002)"),
        (["cancel", "not-an-id"], 2, "not-an-id"),
        (["rollback", "0195a1b2-0000-4000-8000-000000000001", "--yes"], 2, "error (ME002)"),
        (["nonsense"], 2, "nonsense"),
        (["health"], 7, ""),
        (["--dsn", "host=/nonexistent", "status"], 1, "hint: "),
    ],
)
def test_exit_codes(
    market: Connection, cli: Any, arguments: list[str], code: int, told: str
) -> None:
    result = cli(*arguments)
    assert result.exit_code == code, result.stderr
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_healthy_exits_0(market: Connection, cli: Any) -> None:
    market.execute("DELETE FROM market_data WHERE symbol <> 'XAUUSD'")
    as_json(cli("--format=json", "analyze"))
    assert as_json(cli("--format=json", "health"))["is_healthy"] is True


def test_timeout_exits_4(large_market: Connection, cli: Any) -> None:
    result = cli("correct", "--yes", "--timeout=1 s", *SLOW)
    assert result.exit_code == 4
    assert "error (ME011)" in result.stderr
    assert "resume_operation" in result.stderr


def test_not_installed_exits_6(empty_dsn: str, cli: Any) -> None:
    result = cli("--dsn", empty_dsn, "status")
    assert result.exit_code == 6
    assert "mytrader-etl migrate up" in result.stderr


def test_edited_routine_exits_6(db: Connection, cli: Any) -> None:
    db.execute(
        "CREATE OR REPLACE FUNCTION etl.version() RETURNS text LANGUAGE sql STABLE"
        " AS $$ SELECT '0.1.0' $$"
    )
    result = cli("--format=json", "migrate", "verify")
    assert result.exit_code == 6
    assert [(row["name"], row["state"]) for row in json.loads(result.stdout)] == [
        ("etl.version()", "edited")
    ]


def test_debug_shows_the_traceback(cli: Any) -> None:
    result = cli("--debug", "--dsn=host=/nonexistent", "status")
    assert result.exit_code == 1
    assert result.exception is not None
    assert not isinstance(result.exception, SystemExit)


def test_twins_print_and_execute_nothing(cli: Any) -> None:
    nowhere = {"MYTRADER_ETL_DSN": "host=/nonexistent"}
    printed = cli("sql", "correct", "--batch-size", "500", env=nowhere)
    assert printed.exit_code == 0
    assert printed.stdout.strip() == paste(CorrectAssetClassesOptions(batch_size=500))


def test_reference_data_from_nothing(empty_dsn: str, empty_db: Connection, cli: Any) -> None:
    def run(*arguments: str) -> Any:
        return as_json(cli("--dsn", empty_dsn, "--format", "json", *arguments))

    assert "public.symbols" in run("migrate", "up", "--with-tables")["tables_created"]
    assert cli("--dsn", empty_dsn, "reference", "create-tables").stdout == ""
    faults = cli("--dsn", empty_dsn, "--format=json", "reference", "validate")
    assert faults.exit_code == 7
    assert {fault["issue"] for fault in json.loads(faults.stdout)} == {"missing_item"}

    done = run("reference", "bootstrap", "--components=asset_classes,markets,trading_sessions")
    assert done["result"]["markets"]["created"] == one(empty_db, "SELECT count(*) FROM markets")
    assert [line["is_complete"] for line in run("reference", "status")] == [True] * 3 + [False]
    assert run("reference", "bootstrap")["result"]["data_providers"]["created"] == 4
    assert run("reference", "validate") == []
    (market,) = run("reference", "market-status", "BIST", "--at=2026-01-05 07:00+00")
    assert (market["status"], market["next_status"]) == ("open", "closing_auction")
    assert {line["component"] for line in run("reference", "list")} == {
        line["component"] for line in run("reference", "status")
    }

    identity = done["execution_id"]
    plan = cli("--dsn", empty_dsn, "undo", identity)
    assert plan.exit_code == 2
    assert f"{done['changed']} records" in plan.stderr
    empty_db.execute("UPDATE markets SET name = 'Mine' WHERE code = 'OANDA'")
    kept = cli("--dsn", empty_dsn, "--format=json", "undo", identity, "--yes")
    assert kept.exit_code == 5
    # OANDA and its asset class stay, and BINANCE, to which a provider refers, with its class.
    changes = run("changes", json.loads(kept.stdout)["execution_id"])
    assert {
        (change["after"]["code"], change["outcome"])
        for change in changes
        if change["outcome"] != "restored"
    } == {("OANDA", "kept"), ("FOREX", "failed"), ("BINANCE", "failed"), ("CRYPTO", "failed")}


def test_a_column_default_from_the_command_line(market: Connection, cli: Any) -> None:
    command = ("--format=json", "targets", "set-column-default", "symbols", "venue")
    assert as_json(cli(*command, "OTC"))["new_value"] == "OTC"
    assert as_json(cli(*command)) == {"old_value": "OTC", "new_value": None}


NOT_ON_THE_COMMAND_LINE = {
    "correction_status": "another name of operation_status",
    "join_correction": "another name of join_operation",
    "resume_correction": "another name of resume_operation",
    "require_version": "every command asks it when it connects",
    "verify_installation": "`migrate verify` asks it, and compares with the packaged files as well",
    "version": "`migrate` asks the table that it reads",
}
"""Public routines without a command of their own, and why."""


def commands_of_routines(group: click.Group, *path: str) -> dict[tuple[str, ...], RoutineCommand]:
    found: dict[tuple[str, ...], RoutineCommand] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands_of_routines(command, *path, name)
        elif isinstance(command, RoutineCommand):
            found[(*path, name)] = command
    return found


def test_every_public_routine_has_a_command() -> None:
    reached = {command.routine.routine for command in commands_of_routines(main).values()}
    public = {
        routine.name
        for routine in sources.routines()
        if routine.role != "internal" and not routine.name.startswith("_")
    }
    assert public == {routine.routine for routine in ROUTINES}
    assert public - reached == NOT_ON_THE_COMMAND_LINE.keys()


def test_every_command_has_a_twin() -> None:
    found = commands_of_routines(main)
    twins = {path[1:]: command for path, command in found.items() if path[0] == "sql"}
    commands = {path: command for path, command in found.items() if path[0] != "sql"}
    assert {path: (twin.routine, twin.positional) for path, twin in twins.items()} == {
        path: (command.routine, command.positional) for path, command in commands.items()
    }


def test_only_what_is_given_is_sent(cli: Any) -> None:
    nothing = cli("sql", "correct")
    assert nothing.stdout == "CALL etl.correct_asset_classes();\n"
    environment = {"MYTRADER_ETL_SQL_CORRECT_MAX_RETRIES": "3"}
    same_as_default = cli("sql", "correct", "--batch-size=1000", "--adaptive", env=environment)
    assert same_as_default.stdout.split() == [
        *("CALL", "etl.correct_asset_classes("),
        *("batch_size", "=>", "1000,", "adaptive", "=>", "true,", "max_retries", "=>", "3", ");"),
    ]


def test_a_dimension_table_of_the_usual_name_is_registered(market: Connection, cli: Any) -> None:
    """What would be looked for by itself is another table: that of schema public."""
    market.execute("CREATE SCHEMA mine CREATE TABLE symbols (ticker text, asset_class text)")
    elsewhere = {"PGOPTIONS": "-c search_path=mine,public"}
    command = ("targets", "register", "bars", "market_data")
    given = (*command, "--dimension-table=symbols")
    assert "dimension_table => 'symbols'" in cli("sql", *given).stdout
    as_json(cli("--format=json", *given, env=elsewhere))
    table = "SELECT dimension_table::text FROM etl.correction_target WHERE target = 'bars'"
    assert one(market, table) == "mine.symbols"
    as_json(cli("--format=json", *command, "--replace", env=elsewhere))
    assert one(market, table) == "symbols"


def test_help_tells_meaning_range_and_default(cli: Any) -> None:
    told = " ".join(cli("correct", "--help").stdout.split())
    assert "The next ones are sized when adaptive. From 1 to 10,000,000. [default: 1000]" in told
    assert "Time that one batch should take. From 10 ms to 1 minute. [default: 500 ms]" in told
    assert "[default: no-dry-run]" in told
    assert "--on-conflict [keep|force|abort]" in cli("rollback", "--help").stdout


def test_install_script(cli: Any) -> None:
    script = cli("sql", "install").stdout
    assert "CREATE OR REPLACE PROCEDURE etl.correct_asset_classes" in script
