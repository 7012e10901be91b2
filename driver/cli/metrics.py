"""Commands for monitoring: metrics export and serve."""

from __future__ import annotations

from pathlib import Path

import click

from mytrader_etl import metrics as exposition
from mytrader_etl.cli.app import main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.options import CorrectionMetricsOptions


@main.group()
def metrics() -> None:
    """Prometheus metrics, all from the database."""


@command(metrics, CorrectionMetricsOptions)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to replace atomically, for the node exporter's textfile collector.",
)
def export(settings: Settings, _: CorrectionMetricsOptions, output: Path | None) -> None:
    """Write the metrics once, to stdout or to a file.

    Where the database can't be read, mytrader_etl_up is 0 and the command fails all the same.
    """
    collector = exposition.Collector(settings.dsn)
    text = exposition.render(collector)
    if output is None:
        click.echo(text, nl=False)
    else:
        exposition.replace_file(output, text)
    if collector.error is not None:
        raise collector.error


@command(metrics)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9187, show_default=True, type=int, help="Port to listen on.")
def serve(settings: Settings, host: str, port: int) -> None:
    """Serve /metrics until stopped; each scrape asks the database."""
    with exposition.serve(settings.dsn, host=host, port=port) as address:
        click.echo(f"serving {address}; stop with Ctrl-C", err=True)
        exposition.wait_for_interrupt()
