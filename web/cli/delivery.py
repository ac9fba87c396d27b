"""Delivering permitted messages."""

from __future__ import annotations

import os
import signal
import socket
import threading
from dataclasses import asdict

import click


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due and stop.")
@click.option("--every", default=2.0, show_default=True, help="Seconds between looks when nothing was due.")
def dispatch(once: bool, every: float) -> None:
    """Deliver permitted messages; any number of these may run at once."""
    from compliance.gate import DispatchReport
    from web.cli.opening import opened
    from web.state import build_state, utc_now

    with opened() as edge:
        config = edge.config
    state = build_state(config, utc_now)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        report = state.dispatch(worker)
        if once or report != DispatchReport():
            click.echo("  ".join(f"{name} {number}" for name, number in asdict(report).items()))
        if once:
            return
        if not report.sent:
            stop.wait(every)
