"""Commands about symbols."""

from __future__ import annotations

from mytrader_etl.cli import output
from mytrader_etl.cli.app import main
from mytrader_etl.cli.parameters import command
from mytrader_etl.cli.settings import Settings
from mytrader_etl.options import ClassifyOptions


@main.group()
def symbols() -> None:
    """Tickers: what they are, and what is known of them."""


@command(symbols, ClassifyOptions)
def classify(settings: Settings, options: ClassifyOptions) -> None:
    """Explain how TICKER is classified; a dash in front needs -- before it."""
    with settings.client() as client:
        output.show(settings.format, client.classify_symbol(options.ticker, options.venue))
