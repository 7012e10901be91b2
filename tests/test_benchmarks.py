"""Every benchmark runs on a tiny table, and all ways to do the work leave the same rows behind.

Times are not judged here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest
from click.testing import CliRunner

from benchmarks import report, results, runner
from benchmarks.__main__ import main
from benchmarks.datasets import CORRECTED, MARKET, PARTITIONED, Dataset
from benchmarks.scenario import Comparison, Contender, Scenario, ratio
from benchmarks.scenarios import SCENARIOS, corrections, daily, partitions, undo
from benchmarks.server import Server

pytestmark = pytest.mark.any_server

ROWS = 2000

EXPECTED = """
SELECT m.id::text,
       CASE WHEN m.asset_class IS NULL THEN s.asset_class ELSE m.asset_class END,
       m.asset_class IS NULL AND s.asset_class IS NOT NULL AS is_changed
  FROM market_data m LEFT JOIN symbols s ON s.ticker = m.symbol
 ORDER BY m.id
"""
ACTUAL = """
SELECT id::text, asset_class, updated_at > created_at AS is_changed
  FROM market_data ORDER BY id
"""


@pytest.fixture(scope="module")
def server(pg_server: Any) -> Iterator[Server]:
    postmaster = psutil.Process(pg_server.embedded.pid)
    with Server.given(pg_server.dsn(), pg_server.command, postmaster) as server:
        yield server


def rows_of(server: Server, dataset: Dataset, query: str) -> list[Any]:
    with server.copy(dataset.template(server, ROWS), ROWS) as database:
        return database.query(query)


@pytest.mark.parametrize(
    "contender",
    dict.fromkeys(
        corrections.CORRECT.contenders
        + corrections.ALTERNATIVES.contenders
        + partitions.PARTITIONS.contenders
        + daily.DAILY_RUN.contenders
    ),
    ids=lambda contender: f"{contender.name}, {contender.dataset.name}",
)
def test_every_way_to_correct_leaves_the_right_rows(server: Server, contender: Contender) -> None:
    template = contender.dataset.template(server, ROWS)
    expected = rows_of(server, contender.dataset, EXPECTED)
    assert any(changed for _, _, changed in expected)

    with server.copy(template, ROWS) as database:
        metrics = contender(database)
        assert database.query(ACTUAL) == expected

    assert metrics["wal_bytes"] > 0


@pytest.mark.parametrize("contender", undo.UNDO.contenders, ids=lambda contender: contender.name)
def test_every_way_to_undo_restores_the_classes(server: Server, contender: Contender) -> None:
    classes = "SELECT id, asset_class FROM market_data ORDER BY id"
    before = rows_of(server, MARKET, classes)
    assert rows_of(server, CORRECTED, classes) != before

    with server.copy(CORRECTED.template(server, ROWS), ROWS) as database:
        contender(database)
        assert database.query(classes) == before


def test_the_data_are_what_the_targets_speak_of(server: Server) -> None:
    ((rows, symbols, classes, share),) = rows_of(
        server,
        MARKET,
        """
        SELECT count(*), count(DISTINCT m.symbol), count(DISTINCT s.asset_class),
               100.0 * count(*) FILTER (WHERE m.asset_class IS NULL AND s.asset_class IS NOT NULL)
                     / count(*)
          FROM market_data m LEFT JOIN symbols s ON s.ticker = m.symbol
        """,
    )
    assert (rows, symbols, classes) == (ROWS, 300, 6)
    assert share == pytest.approx(86, abs=2)
    digest = "SELECT md5(string_agg(m::text, ' ' ORDER BY id)) FROM market_data m"
    assert rows_of(server, MARKET, digest) == rows_of(server, PARTITIONED, digest)
    leaves = "SELECT count(*), min(rows) > 0 FROM ({}) AS leaf"
    per_leaf = "SELECT tableoid, count(*) AS rows FROM market_data GROUP BY tableoid"
    assert rows_of(server, PARTITIONED, leaves.format(per_leaf)) == [(24, True)]


def test_cpu_time_of_sessions_that_have_ended_counts(server: Server) -> None:
    with server.copy(MARKET.template(server, ROWS), ROWS) as database, server.metering() as metrics:
        database.query("SELECT count(md5(n::text)) FROM generate_series(1, 300000) AS n")
    assert metrics["cpu_seconds"] > 0


def test_other_rows_than_ours_are_noticed(server: Server) -> None:
    sloppy = replace(corrections.BARE, run=("UPDATE market_data SET asset_class = 'STOCK'",))
    scenario = Scenario("sloppy", "", (sloppy, corrections.ONE), ())
    with pytest.raises(runner.RowsDifferError, match="sloppy"):
        runner.run(scenario, server, ROWS, 1, lambda _: None)


def test_every_scenario_writes_its_result_and_leaves_nothing_on_the_server(
    pg_server: Any, tmp_path: Path
) -> None:
    server = Server(pg_server.dsn())
    arguments = ["--dsn", pg_server.dsn(), "--rows", str(ROWS), "--rounds", "1", "--all"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(pg_server.command("pgbench")).parent), prepend=":")
        done = CliRunner().invoke(main, [*arguments, "--results", str(tmp_path)])

    assert done.exit_code == 0, done.output
    written_files = sorted(file.name for file in tmp_path.iterdir())
    assert written_files == sorted(f"{name}-{ROWS}.json" for name in SCENARIOS)
    for result in results.read(tmp_path, SCENARIOS):
        scenario = SCENARIOS[result["scenario"]]
        assert (result["rows"], result["rounds"]) == (ROWS, 1)
        assert set(result["machine"]) == {
            *("cpu", "cores", "memory_bytes", "system", "python", "load_average")
        }
        assert result["server"]["settings"]["shared_buffers"] == "128MB"
        for contender, written in zip(scenario.contenders, result["contenders"], strict=True):
            assert (contender.name, contender.ours) == (written["name"], written["ours"])
            assert {"seconds", "wal_bytes", scenario.metric} <= set(written["metrics"])
        assert not any("cpu_seconds" in c["metrics"] for c in result["contenders"])
        titles = {written["title"] for written in result["comparisons"]}
        possible = [c for c in scenario.comparisons if c.title in titles]
        # An index of a few pages need not grow, and then there is nothing to divide by.
        for missing in {c.title for c in scenario.comparisons} - titles:
            assert "CPU" in missing or "growth" in missing
        for comparison, written in zip(possible, result["comparisons"], strict=True):
            assert comparison.title == written["title"]
            assert comparison.title.split(":")[0] in done.output.replace("\n", " ")
            assert written["met"] == comparison.met(written["median"])
    assert not any(server.has(f"{name}_{ROWS}") for name in ("market", "daily", "partitioned"))
    server.close()


def measured(*seconds: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {
            corrections.ONE.name: {"seconds": float(ours), "wal_bytes": 1},
            corrections.BARE.name: {"seconds": float(bare), "wal_bytes": 1},
        }
        for ours, bare in seconds
    ]


def made_up_result(**limit: float) -> results.Result:
    value = ratio("seconds", corrections.ONE, corrections.BARE)
    comparison = Comparison("ours against theirs", value, **limit)
    scenario = Scenario("made up", "Made up", (corrections.ONE, corrections.BARE), (comparison,))
    return results.summarize(
        scenario,
        measured((3, 2), (4, 2), (5, 10)),
        rows=ROWS,
        machine={
            **{"cpu": "Abacus", "cores": 2, "memory_bytes": 2**32},
            **{"system": "Linux 6", "python": "3.11", "load_average": 0.1},
        },
        server={"version": "18.4", "settings": {"fsync": "on"}},
    )


@pytest.mark.parametrize(
    ("limit", "met"),
    [
        ({"at_most": 1.5}, True),
        ({"at_most": 1.49}, False),
        ({"at_least": 1.5}, True),
        ({"at_least": 1.51}, False),
        ({"at_least": 1.4, "at_most": 1.6}, True),
        ({"at_least": 1.6, "at_most": 1.7}, False),
        ({}, None),
    ],
)
def test_the_median_of_the_rounds_is_judged(limit: dict[str, float], met: bool | None) -> None:
    result = made_up_result(**limit)
    (comparison,) = result["comparisons"]
    assert comparison["rounds"] == [1.5, 2.0, 0.5]
    assert (comparison["median"], comparison["lowest"], comparison["highest"]) == (1.5, 0.5, 2.0)
    assert comparison["met"] is met
    assert result["contenders"][1]["metrics"]["seconds"]["median"] == 2.0


def test_the_page_is_made_from_the_results() -> None:
    old = f"# Title\n\n{report.BEGIN}\nold\n{report.END}\n\nend\n"
    page = report.page(old, [made_up_result(at_most=1.2)])
    assert page.startswith("# Title\n")
    assert page.endswith("\n\nend\n")
    assert "old" not in page
    assert "| ours against theirs | 2,000 | 1.50 times |" in page
    assert "| ≤ 1.2 times | no |" in page
    assert "Abacus, 2 cores, 4 GiB of memory" in page
    assert report.page(page, [made_up_result(at_most=1.2)]) == page
    with pytest.raises(ValueError, match="lacks the marks"):
        report.page("no marks", [])


def test_the_plot_shows_every_contender(tmp_path: Path) -> None:
    report.plot([made_up_result()], tmp_path / "plot.svg")
    text = "".join(ElementTree.parse(tmp_path / "plot.svg").getroot().itertext())
    for shown in (corrections.ONE.name, corrections.BARE.name, "Made up (2,000 bars)", "4 s"):
        assert shown in text


def test_results_are_kept_for_each_number_of_bars(tmp_path: Path) -> None:
    result = made_up_result()
    for bars in (20_000, 3_000):
        results.write(result | {"rows": bars}, tmp_path)
    found = results.read(tmp_path, ["nothing", result["scenario"]])
    assert [each["rows"] for each in found] == [3_000, 20_000]


def test_the_published_page_is_up_to_date() -> None:
    text = report.PAGE.read_text()
    published = results.read(results.FOLDER, SCENARIOS)
    assert report.page(text, published) == text
    for file in results.FOLDER.glob("*.json"):
        result = json.loads(file.read_text())
        assert result["scenario"] in SCENARIOS
        assert file.name == f"{result['scenario']}-{result['rows']}.json"
        scenario = SCENARIOS[result["scenario"]]
        assert [each["name"] for each in result["contenders"]] == [
            contender.name for contender in scenario.contenders
        ]
        assert [each["title"] for each in result["comparisons"]] == [
            comparison.title for comparison in scenario.comparisons
        ]
