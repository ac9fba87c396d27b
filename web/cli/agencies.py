"""Outside agencies from the command line."""

from __future__ import annotations

import getpass
from datetime import datetime

import click

from web.cli.opening import opened


@click.group()
def agency() -> None:
    """Outside agencies that work for a creditor."""


@agency.command("evaluated")
@click.argument("creditor")
@click.argument("name")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--evidence", required=True, help="What shows it, for instance the number of the report.")
def evaluated(creditor: str, name: str, day: datetime, evidence: str) -> None:
    """Keep that CREDITOR evaluated its agency NAME on DAY. Contact by an agency whose year is over is held."""
    from compliance.casebook.agencies import record_evaluation

    actor = f"cli:{getpass.getuser()}"
    with opened() as edge:
        edge.db.run(
            lambda session: record_evaluation(
                session, creditor=creditor, agency=name, day=day.date(), evidence=evidence, actor=actor, now=edge.now()
            )
        )
    click.echo(f"{creditor}: {name} {day:%Y-%m-%d}")
