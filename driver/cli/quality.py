"""Commands that look at data: analyze, preview, validate, health."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mytrader_etl.cli import output
from mytrader_etl.cli.app import leave, main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.errors import ExitCode
from mytrader_etl.options import (
    AnalyzeAssetClassesOptions,
    CorrectionHealthOptions,
    PreviewCorrectionOptions,
    ValidateCorrectionsOptions,
)
from mytrader_etl.results import Check, PreviewLine


@command(main, AnalyzeAssetClassesOptions)
def analyze(settings: Settings, options: AnalyzeAssetClassesOptions) -> None:
    """Count and score what is wrong with a target."""
    with settings.client() as client:
        output.show(settings.format, client.analyze(**options.values()))


@command(main, PreviewCorrectionOptions)
def preview(settings: Settings, options: PreviewCorrectionOptions) -> None:
    """Show what a correction would do, and its risks; change nothing."""
    with settings.client() as client:
        lines = client.preview(options)
    if settings.format == "table":
        show_preview(lines)
    else:
        output.show_all(settings.format, PreviewLine, lines)


@command(main, ValidateCorrectionsOptions, positional=["correction_id"])
def validate(settings: Settings, options: ValidateCorrectionsOptions) -> None:
    """Prove that a correction did what it says; exit 1 where a check fails."""
    with settings.client() as client:
        checks = client.validate(**options.values())
    output.show_all(settings.format, Check, checks)
    leave(ExitCode.DONE if all(check.passed for check in checks) else ExitCode.FAILED)


@command(main, CorrectionHealthOptions)
def health(settings: Settings, options: CorrectionHealthOptions) -> None:
    """Tell whether a target is in order; exit 7 where it is not."""
    with settings.client() as client:
        found = client.health(**options.values())
    output.show(settings.format, found)
    leave(ExitCode.DONE if found.is_healthy else ExitCode.UNHEALTHY)


def show_preview(lines: Sequence[PreviewLine], *, to_stderr: bool = False) -> None:
    """Write a preview as one table per section, without the columns it leaves empty."""
    columns = ("item", "from_value", "to_value", "records", "detail", "mitigation")
    for section, group in groupby(lines, lambda line: line.section):
        rows = list(group)
        used = [name for name in columns if any(getattr(row, name) is not None for row in rows)]
        output.write_table(output.make_table(rows, used, title=section), to_stderr=to_stderr)
