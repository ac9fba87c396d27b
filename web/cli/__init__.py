"""The command line. Each command lives in a module that is imported only when the command is asked for:
screening one message must not pay for Flask, SQLAlchemy and spaCy."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from compliance.judge.types import InvalidInput

COMMANDS = {
    "serve": "web.cli.serve:serve",
    "screen": "web.cli.judging:screen",
    "intents": "web.cli.listening:intents",
    "evaluate": "web.cli.judging:evaluate",
    "train": "web.cli.judging:train",
    "packs": "web.cli.judging:packs",
    "cases": "web.cli.records:cases",
    "scripts": "web.cli.library:scripts",
    "user": "web.cli.people:user",
    "token": "web.cli.people:token",
    "agency": "web.cli.agencies:agency",
    "dispatch": "web.cli.delivery:dispatch",
    "ledger": "web.cli.records:ledger",
    "samples": "web.cli.rounds:samples",
    "requests": "web.cli.rounds:requests",
    "retention": "web.cli.keeping:retention",
    "keys": "web.cli.keeping:keys",
    "db": "web.cli.records:db",
    "backup": "web.cli.records:backup",
}


class Commands(click.Group):
    """A group whose commands are found by name and imported late."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return command


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(ctx: click.Context) -> None:
    """正言 Zhengyan: a compliance-first conversation assistant for debt collectors.

    Without a command it serves, as `serve` does.
    """
    if ctx.invoked_subcommand is None:
        command = cli.get_command(ctx, "serve")
        assert command is not None  # noqa: S101 - it is in the table above
        ctx.invoke(command)


def main(argv: list[str] | None = None) -> Any:
    """Run a command. Bad input, or a file that cannot be read or written, ends with one sentence on stderr and exit
    status 2, never with a stack trace."""
    try:
        return cli.main(args=argv, prog_name="python run.py")
    except InvalidInput as error:
        click.echo(f"{error.message}" + (f" ({error.field})" if error.field else ""), err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), err=True)
        sys.exit(2)
