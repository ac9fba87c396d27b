"""Outside agencies from the command line."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import Any

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

    _keep(record_evaluation, creditor, name, day, evidence)


@agency.command("engaged")
@click.argument("creditor")
@click.argument("name")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--evidence", required=True, help="What shows it, for instance the number of the contract.")
def engaged(creditor: str, name: str, day: datetime, evidence: str) -> None:
    """Keep that the agency NAME has worked for CREDITOR since DAY: its first evaluation is due a year later."""
    from compliance.casebook.agencies import record_engagement

    _keep(record_engagement, creditor, name, day, evidence)


def _keep(record: Callable[..., Any], creditor: str, name: str, day: datetime, evidence: str) -> None:
    actor = f"cli:{getpass.getuser()}"
    with opened() as edge:
        edge.db.run(
            lambda session: record(
                session, creditor=creditor, agency=name, day=day.date(), evidence=evidence, actor=actor, now=edge.now()
            )
        )
    click.echo(f"{creditor}: {name} {day:%Y-%m-%d}")
