"""The command line: thin, one module per group of commands."""

from mytrader_etl.cli.app import main

# Importing a module adds its commands to main.
from mytrader_etl.cli import (  # noqa: F401  isort: skip
    backups,
    corrections,
    metrics,
    migrations,
    operations,
    quality,
    reference,
    symbols,
    targets,
)

from mytrader_etl.cli import sql  # noqa: F401  isort: skip - prints the SQL of all those above

__all__ = ["main"]
