"""Prints the help of every command as Markdown: ``python -m tools.commands``.

A program of its own, because the commands are made from the options, which the generator writes:
it must not have imported those of before.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from mytrader_etl.cli import main as cli


def _help(command: click.Command, parent: click.Context | None, name: str) -> Iterator[str]:
    context = click.Context(command, parent=parent, info_name=name, terminal_width=100)
    yield f"### {context.command_path}"
    yield f"```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for child in sorted(command.commands):
            yield from _help(command.commands[child], context, child)


if __name__ == "__main__":
    print("\n\n".join(_help(cli, None, "mytrader-etl")))
