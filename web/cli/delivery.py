"""Delivering permitted messages."""

from __future__ import annotations

import os
import signal
import socket
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from compliance.gate import DispatchReport
    from web.state import State

LONGEST_REST = 60.0
"""Seconds between tries while the database is gone."""


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due and stop.")
@click.option("--every", default=2.0, show_default=True, help="Seconds between looks when nothing was due.")
def dispatch(once: bool, every: float) -> None:
    """Deliver permitted messages; any number of these may run at once."""
    from web.cli.opening import opened
    from web.state import announce, build_state, utc_now

    with opened() as edge:
        config = edge.config
    state = build_state(config, utc_now)
    announce(state)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if once:
        if _pass(state) is None:
            raise SystemExit(2)
        return
    _keep_on(state, stop, every)


def _keep_on(state: State, stop: threading.Event, every: float) -> None:
    """Pass after pass. While the database is gone the rests grow: nothing is lost, it waits in the database."""
    rest = every
    while not stop.is_set():
        report = _pass(state, quiet=True)
        if report is None:
            rest = min(rest * 2, LONGEST_REST)
        elif report.sent:
            continue
        else:
            rest = every
        stop.wait(rest)


def _pass(state: State, *, quiet: bool = False) -> DispatchReport | None:
    """One pass, its counts on stdout; ``None``, with a sentence on stderr, where it could not be done."""
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    from compliance.gate import DispatchReport, Unavailable

    try:
        report = state.dispatch(f"{socket.gethostname()}:{os.getpid()}")
    except (DBAPIError, PoolTimeout, Unavailable) as error:
        click.echo(f"nothing more was delivered: {getattr(error, 'orig', error)}", err=True)
        return None
    if not quiet or report != DispatchReport():
        click.echo("  ".join(f"{name} {number}" for name, number in asdict(report).items()))
    return report
