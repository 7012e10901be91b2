"""The story: what each step does, and what came out of it.

Every figure is read from the database, and a verdict compares figures of different origin.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from mytrader_etl import deployment
from mytrader_etl.client import Client
from mytrader_etl.demo.playground import DATABASE
from mytrader_etl.demo.shell import near, program
from mytrader_etl.demo.stage import Stage, shown
from mytrader_etl.deployment import sources
from mytrader_etl.options import (
    AnalyzeAssetClassesOptions,
    BootstrapReferenceDataOptions,
    CorrectAssetClassesOptions,
    CreatePlatformTablesOptions,
    ExecutionHistoryOptions,
    JoinOperationOptions,
    PreviewCorrectionOptions,
    RollbackCorrectionOptions,
    RollbackOperationOptions,
    SyncSymbolsOptions,
    ValidateCorrectionsOptions,
)
from mytrader_etl.results import Analysis, OperationResult, PreviewLine
from mytrader_etl.statements import paste

SAMPLE = Path(__file__).with_name("sample.sql")
STEPS = 10
SYMBOL = "THYAO"
"""The symbol whose correction is rolled back."""

_COLUMN_VALUES = """
SELECT CASE WHEN asset_class IS NULL THEN 'NULL'
            WHEN asset_class = '' THEN 'empty'
            WHEN asset_class <> btrim(asset_class) THEN 'padded'
            WHEN asset_class IN ('CRYPTO', 'STOCK', 'STOCK_BIST', 'FOREX', 'COMMODITY', 'ETF')
            THEN 'one of the six classes'
            WHEN asset_class = lower(asset_class) THEN 'in lower case'
            ELSE 'not a class at all' END AS found,
       count(*) AS bars,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share,
       array_to_string((array_agg(DISTINCT quote_literal(asset_class)))[1:3], ', ') AS examples
  FROM market_data
 GROUP BY found
 ORDER BY bars DESC
"""

_SIZE = "SELECT count(*), count(DISTINCT symbol) FROM market_data"

_INSTALLED = """
SELECT (SELECT count(*) FROM etl.installed_migration), (SELECT count(*) FROM etl.installed_routine)
"""

_ORPHANS = """
SELECT o.ticker, o.bars, c.asset_class, c.reason
  FROM etl.find_orphaned_symbols(count_bars => true) AS o, etl.classify_symbol(o.ticker) AS c;
"""

_REVIEW = """
UPDATE symbols SET asset_class = 'STOCK', is_active = true
 WHERE ticker IN ('FB', 'SIVB', 'TWTR') AND asset_class IS NULL;
"""

_ADDED = """
SELECT c.ticker, c.asset_class, s.asset_class, s.is_active, b.asset_class
  FROM etl.symbol_classification c
  JOIN symbols s ON s.id = (c.symbol_key ->> 'id')::uuid
 CROSS JOIN LATERAL (SELECT mode() WITHIN GROUP (ORDER BY m.asset_class) AS asset_class
                       FROM market_data m
                      WHERE m.symbol = c.ticker AND m.asset_class <> '') b
 WHERE c.execution_id = %s
 ORDER BY c.ticker
"""

_CLASSES = "SELECT id, quote_nullable(asset_class) FROM market_data WHERE symbol = %s"

_SESSIONS = """
SELECT worker_number, count(*), sum(changed)::bigint, sum(duration) / count(*)
  FROM etl.operation_batch
 WHERE execution_id = %s
 GROUP BY worker_number
 ORDER BY worker_number
"""


def tell(stage: Stage, connection: Connection[Any], dsn: str) -> UUID:
    """Tell the whole story on a database just made; returns the id of the correction."""
    options = CorrectAssetClassesOptions(
        only_process_null_asset_class=False,
        overwrite_existing_values=True,
        max_concurrency=2,
        reason="demo",
        correction_id=uuid4(),
    )
    _load(stage, connection)
    _install(stage, connection, dsn)
    client = Client(connection)
    before = _classes(connection)
    _bootstrap(stage, client)
    limit = _sync(stage, client, connection)
    analysis = _analyze(stage, client)
    _preview(stage, client, options, analysis)
    correction = _correct(stage, client, connection, options, analysis, limit)
    _validate(stage, client, correction)
    _roll_back(stage, client, connection, correction, before)
    _review(stage, client)
    return correction.execution_id


def _load(stage: Stage, connection: Connection[Any]) -> None:
    stage.step(
        "a sample database",
        "Something to correct: symbols knows the class of each ticker, market_data has a copy of "
        "it in every bar, and many of these copies are missing or wrong.",
    )
    stage.commands("in psql:", f"\\i {near(SAMPLE)}")
    connection.execute(SAMPLE.read_bytes())
    rows = connection.execute(_COLUMN_VALUES).fetchall()
    stage.table(("asset_class of the bars", "bars", "share", "for instance"), rows)
    ((bars, tickers),) = connection.execute(_SIZE).fetchall()
    stage.verdict(
        sum(row[1] for row in rows) == bars,
        f"{shown(bars)} bars of {shown(tickers)} tickers are loaded",
    )


def _install(stage: Stage, connection: Connection[Any], dsn: str) -> None:
    stage.step(
        "install",
        "All that is needed comes into the database itself, as the schema etl: tables by "
        "migrations, and routines that a DBA can call with nothing but psql.",
    )
    stage.commands(
        "in the shell, the same for psql:",
        f"{program()} sql install > install.sql",
        f"psql -X -f install.sql dbname={DATABASE}",
    )
    deployment.up(dsn)
    findings = deployment.verify(dsn)
    (target,) = Client(connection).targets()
    ((migrations, routines),) = connection.execute(_INSTALLED).fetchall()
    stage.table(
        ("found by itself", "table", "columns"),
        [
            ("to correct", target.fact_table, f"{target.match_column}, {target.value_column}"),
            (
                "the truth",
                target.dimension_table,
                f"{target.dimension_match_column}, {target.dimension_value_column}",
            ),
        ],
    )
    stage.verdict(
        not findings and routines == len(sources.routines()),
        f"{migrations} migrations and {routines} routines are installed, each compared with its "
        "hash",
    )


def _bootstrap(stage: Stage, client: Client) -> None:
    stage.step(
        "reference data",
        "Asset classes, markets with their trading sessions, and data providers, for a database "
        "that lacks them. Tables and rows that are there already stay as they are.",
    )
    options = BootstrapReferenceDataOptions(reason="demo")
    stage.commands("in psql:", paste(CreatePlatformTablesOptions()), paste(options))
    created = client.create_platform_tables()
    bootstrap = client.bootstrap_reference_data(options)
    components = client.bootstrap_status()
    stage.table(
        ("component", "table", "rows", "missing"),
        [(found.component, found.table_name, found.present, found.missing) for found in components],
    )
    findings = client.validate_reference_data()
    present = sum(found.present for found in components)
    stage.verdict(
        not findings
        and all(found.is_complete for found in components)
        and bootstrap.changed == present > 0,
        f"{shown(present)} rows are in {len(created)} new tables, and validation finds nothing "
        "wrong with them",
    )


def _sync(stage: Stage, client: Client, connection: Connection[Any]) -> Decimal:
    """Add the missing symbols; return the quality that no correction could surpass without them."""
    stage.step(
        "missing symbols",
        "Bars of a ticker that symbols does not know cannot be corrected. A sync adds its symbol, "
        "with a class where a rule is sure of it. A bare ticker could be anything: its symbol gets "
        "no class, and is inactive until somebody has looked at it.",
    )
    stage.commands("in psql, the tickers and how they are classified:", _ORPHANS.strip())
    analysis = client.analyze()
    orphans = connection.execute(_ORPHANS).fetchall()
    stage.table(("no symbol", "bars", "class", "why"), orphans)

    options = SyncSymbolsOptions(sync_id=uuid4(), reason="demo")
    stage.commands("add them:", paste(options))
    sync = client.sync_symbols(options)
    stage.commands("somebody looks at those without a class, and knows them:", _REVIEW.strip())
    reviewed = connection.execute(_REVIEW).rowcount
    added = connection.execute(_ADDED, [sync.execution_id]).fetchall()
    stage.table(("symbol", "class by rule", "class now", "active", "what most bars say"), added)
    stage.commands(
        "to take the sync back; a symbol that was changed since stays:",
        paste(RollbackOperationOptions(execution_id=sync.execution_id)),
    )

    bars = sum(row[1] for row in orphans)
    stage.verdict(
        bars == analysis.orphaned_records > 0
        and [row[0] for row in added] == [row[0] for row in orphans]
        and sync.result["needing_review"] == reviewed
        and all(now == said and active for _, _, now, active, said in added)
        and not client.find_orphaned_symbols(),
        f"{len(added)} symbols are added, {reviewed} of them reviewed, each of the class that its "
        f"bars confirm; no ticker is left without a symbol, and {shown(bars)} bars more can be "
        "right",
    )
    possible = 100 * Decimal(analysis.correctable_records) / analysis.total_records
    return round(analysis.data_quality_score + possible, 2)


def _analyze(stage: Stage, client: Client) -> Analysis:
    stage.step(
        "analyze",
        "One pass over the table counts what is wrong, tells what can be corrected from symbols "
        "and what cannot, and scores it; nothing is changed.",
    )
    stage.commands("in psql:", paste(AnalyzeAssetClassesOptions()))
    found = client.analyze()
    stage.table(
        ("wrong", "bars", "meaning"),
        [
            ("NULL", found.null_records, "never written"),
            ("empty", found.empty_records, "written, but empty"),
            ("unknown", found.unknown_class_records, "not one of the six classes, to the letter"),
            ("mismatched", found.mismatched_records, "a class, but not the one of the symbol"),
        ],
    )
    stage.table(
        ("what symbols says", "bars", "meaning"),
        [
            ("correctable", found.correctable_records, "symbols has another class"),
            ("orphaned", found.orphaned_records, f"{found.orphaned_symbols} tickers are not there"),
            ("ambiguous", found.ambiguous_records, "listings of the ticker disagree"),
            ("unmappable", found.unmappable_records, "the ticker has no class there"),
        ],
    )
    stage.table(
        ("score", "bars", "meaning"),
        [
            ("completeness", found.completeness_score, "have one of the six classes"),
            ("integrity", found.integrity_score, "have a symbol"),
            ("consistency", found.consistency_score, "agree with their symbol, if it has a class"),
            ("data quality", found.data_quality_score, "all of it"),
        ],
    )
    stage.verdict(
        found.correctable_records > 0,
        f"the quality is {shown(found.data_quality_score)}; {shown(found.correctable_records)} of "
        f"{shown(found.total_records)} bars can be corrected",
    )
    return found


def _preview(
    stage: Stage, client: Client, options: CorrectAssetClassesOptions, analysis: Analysis
) -> None:
    preview = PreviewCorrectionOptions.of(options)
    stage.step(
        "preview",
        "What a correction with these options would do, how, and what speaks against it; nothing "
        "is changed. By default only missing values are filled in; the two options add unknown "
        "and wrong ones.",
    )
    stage.commands("in psql:", paste(preview))
    lines = client.preview(preview)
    stage.table(("becomes", "was missing", "was something else", "bars"), _changes(lines))
    stage.table(
        ("about", "detail"),
        [
            (line.item, " ".join(filter(None, (shown(line.records), line.detail, line.mitigation))))
            for line in lines
            if line.section in ("plan", "risk")
        ],
    )
    planned = sum(line.records or 0 for line in lines if line.section == "change")
    stage.verdict(
        planned == analysis.correctable_records,
        f"{shown(planned)} bars would change, as many as the analysis found",
    )


def _correct(
    stage: Stage,
    client: Client,
    connection: Connection[Any],
    options: CorrectAssetClassesOptions,
    analysis: Analysis,
    limit: Decimal,
) -> OperationResult:
    assert isinstance(options.correction_id, UUID)  # noqa: S101
    stage.step(
        "correct",
        "Two sessions share the work in small batches, each committed with the old values of its "
        "rows, so that others can go on working and no crash can lose or tear anything.",
    )
    stage.commands("in psql:", paste(options))
    stage.commands(
        "in a second psql, to help:",
        paste(JoinOperationOptions(execution_id=options.correction_id)),
    )
    with stage.progress() as on_progress:
        result = client.correct(options, on_progress=on_progress)
    sessions = connection.execute(_SESSIONS, [result.execution_id]).fetchall()
    stage.table(("session", "batches", "bars changed", "time per batch"), sessions)
    (backup,) = client.backups()
    corrected = sum(row[2] for row in sessions)
    before, after = analysis.data_quality_score, result.quality_after
    stage.verdict(
        result.status == "completed"
        and corrected == result.changed == backup.records == analysis.correctable_records
        and after is not None
        and after > limit > before
        and client.analyze().orphaned_records == 0,
        f"{shown(result.changed)} bars are corrected, the quality went from {shown(before)} to "
        f"{shown(after)}, without the sync {shown(limit)} at most; {shown(backup.records)} old "
        f"values are in {backup.backup_table}",
    )
    return result


def _validate(stage: Stage, client: Client, correction: OperationResult) -> None:
    stage.step(
        "validate",
        "The proof: the figures add up, every change has its old value saved, every corrected "
        "bar holds its new one, and the scores reach the limits.",
    )
    stage.commands(
        "in psql:", paste(ValidateCorrectionsOptions(correction_id=correction.execution_id))
    )
    checks = client.validate(correction.execution_id)
    stage.table(
        ("check", "expected", "found", "passed"),
        [(check.check_name, check.expected, check.actual, check.passed) for check in checks],
    )
    stage.verdict(
        all(check.passed for check in checks),
        f"{sum(check.passed for check in checks)} of {len(checks)} checks passed",
    )


def _roll_back(
    stage: Stage,
    client: Client,
    connection: Connection[Any],
    correction: OperationResult,
    before: dict[UUID, str],
) -> None:
    stage.step(
        f"roll back {SYMBOL}",
        f"Anything can be taken back, the whole correction or a part of it: let us say that "
        f"somebody wants to look at {SYMBOL} first.",
    )
    options = RollbackCorrectionOptions(
        correction_id=correction.execution_id,
        target_symbols=(SYMBOL,),
        reason="to be looked at",
    )
    stage.commands("in psql:", paste(options))
    corrected = _classes(connection)
    with stage.progress() as on_progress:
        result = client.rollback(options=options, on_progress=on_progress)
    restored = _classes(connection)
    counts = [Counter(classes.values()) for classes in (before, corrected, restored)]
    stage.table(
        (f"asset_class of {SYMBOL}", "before", "corrected", "rolled back"),
        [(value, *(count[value] for count in counts)) for value, _ in counts[0].most_common()],
    )
    changed = sum(before[bar] != corrected[bar] for bar in before)
    stage.verdict(
        restored == before and result.changed == changed > 0,
        f"{shown(result.changed)} old values are back; each of the {shown(len(restored))} bars of "
        f"{SYMBOL} is as it was before the correction",
    )


def _review(stage: Stage, client: Client) -> None:
    stage.step(
        "history, and what is left",
        "Every operation leaves a row in etl_execution_history; what is left to do, the analysis "
        "says.",
    )
    stage.commands(
        "in psql:", paste(ExecutionHistoryOptions()), paste(AnalyzeAssetClassesOptions())
    )
    history = client.history()
    stage.table(
        ("operation", "status", "rows", "quality", "duration"),
        [
            (
                run.operation,
                run.status,
                run.records_changed,
                " to ".join(
                    shown(quality)
                    for quality in (run.quality_before, run.quality_after)
                    if quality is not None
                ),
                run.finished_at and run.finished_at - run.started_at,
            )
            for run in history
        ],
    )
    analysis = client.analyze()
    for advice in analysis.recommendations:
        problem, _, remedy = advice.partition(": ")
        stage.commands(f"{problem}:", remedy)
    stage.verdict(
        analysis.data_quality_score == history[0].quality_after,
        f"the quality is {shown(analysis.data_quality_score)} as measured anew, which is what the "
        "history says",
    )


def _classes(connection: Connection[Any]) -> dict[UUID, str]:
    """Return the class of each bar of SYMBOL, as a literal of SQL."""
    return dict(connection.execute(_CLASSES, [SYMBOL]).fetchall())


def _changes(lines: list[PreviewLine]) -> list[tuple[str, int, int, int]]:
    """Sum up a preview by new class: how many had none, how many another one, and all."""
    missing: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in lines:
        if line.section == "change":
            total[line.to_value or ""] += line.records or 0
            missing[line.to_value or ""] += (line.records or 0) if line.detail else 0
    return [
        (name, missing[name], count - missing[name], count) for name, count in total.most_common()
    ]
