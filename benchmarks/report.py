"""Makes tables and plot of docs/performance.md: ``python -m benchmarks.report [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from benchmarks import results, tables
from benchmarks.results import Result
from benchmarks.scenarios import SCENARIOS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "performance.md"
PLOT = DOCS / "performance.svg"

BEGIN = "<!-- made by `python -m benchmarks.report`: do not edit -->"
END = "<!-- end of what is made -->"

OURS, THEIRS = "#1a7f64", "#9aa5b1"


def page(text: str, measured: Sequence[Result]) -> str:
    """Return a page with what lies between the two marks made anew."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the page lacks the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{_body(measured)}\n\n{END}{after}"


def plot(measured: Sequence[Result], file: Path) -> None:
    """Draw the median of each contender, with its spread, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "mytrader-etl", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    heights = [len(result["contenders"]) + 1.5 for result in measured]
    figure, panels = pyplot.subplots(
        len(measured),
        figsize=(9, 0.32 * sum(heights)),
        squeeze=False,
        layout="constrained",
        gridspec_kw={"height_ratios": heights},
    )
    for panel, result in zip(panels[:, 0], measured, strict=True):
        spreads = [contender["metrics"][result["metric"]] for contender in result["contenders"]]
        medians = [spread["median"] for spread in spreads]
        bars = panel.barh(
            [contender["name"] for contender in result["contenders"]],
            medians,
            color=[OURS if contender["ours"] else THEIRS for contender in result["contenders"]],
            xerr=[
                [spread["median"] - spread["lowest"] for spread in spreads],
                [spread["highest"] - spread["median"] for spread in spreads],
            ],
            ecolor="#52606d",
        )
        panel.bar_label(bars, [f"{value:.3g} {result['unit']}" for value in medians], padding=6)
        panel.set_title(f"{result['title']} ({result['rows']:,} bars)", loc="left", weight="bold")
        panel.invert_yaxis()
        panel.margins(x=0.15)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, format="svg", metadata={"Date": None})
    pyplot.close(figure)


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Only tell whether the page is up to date.")
def main(check: bool) -> None:
    """Write the page and the plot, or check the page."""
    measured = results.read(results.FOLDER, SCENARIOS)
    made = page(PAGE.read_text(), measured)
    if check:
        if made != PAGE.read_text():
            sys.exit("docs/performance.md is out of date; run: python -m benchmarks.report")
        return
    PAGE.write_text(made)
    if measured:
        plot(measured, PLOT)


def _body(measured: Sequence[Result]) -> str:
    if not measured:
        return "Nothing is measured yet: `make bench`."
    parts = [
        "![Medians and spreads; ours in green](performance.svg)",
        "### Against the targets",
        _table(tables.COMPARISON_HEADINGS, tables.comparison_rows(measured)),
        "### All measurements",
        _table(tables.CONTENDER_HEADINGS, tables.contender_rows(measured)),
        "### Measured on",
        *_measured_on(measured),
    ]
    return "\n\n".join(parts)


def _measured_on(measured: Sequence[Result]) -> Iterable[str]:
    occasions: dict[str, list[str]] = {}
    for result in measured:
        occasions.setdefault(tables.circumstances(result), []).append(tables.occasion(result))
    for circumstances, measurements in occasions.items():
        yield circumstances
        yield "\n".join(f"- {measurement}" for measurement in measurements)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
