"""Serving the application."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import click

THREADS = 64
"""Requests at once. The page of an open call holds one for its stream; waiting threads cost next to nothing."""
CONNECTIONS = 1000
"""Open connections. A browser keeps up to six: with fewer, some twenty collectors would keep the next one waiting."""

if TYPE_CHECKING:
    from flask import Flask

    from web.state import State


@click.command()
@click.option("--demo", is_flag=True, help="Load demo data first if the database is empty.")
def serve(demo: bool = False) -> None:
    """Migrate the database and serve the application."""
    import waitress

    from web import create_app
    from web.cli.opening import opened
    from web.state import EXTENSION, announce

    with opened() as edge:
        config = edge.config
    app = create_app(config)
    announce(app.extensions[EXTENSION])
    if demo:
        _load_demo(app.extensions[EXTENSION])
    _check_scripts(app.extensions[EXTENSION])
    click.echo(f"正言 Zhengyan: http://{config.host}:{config.port}")
    threading.Thread(target=_warm, args=(app, app.extensions[EXTENSION]), name="warming", daemon=True).start()
    waitress.serve(
        app, host=config.host, port=config.port, threads=THREADS, connection_limit=CONNECTIONS,
        asyncore_use_poll=True, ident=None, _quiet=True,
    )  # fmt: skip


def _warm(app: Flask, state: State) -> None:
    """While the first requests are answered already. What stands then stays, and is not gone through again by the
    collector of garbage, which would halt every call for a fifth of a second."""
    from assistant.calls.warming import warm

    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    warm(state.calls, state.clock())
    gc.collect()
    gc.freeze()


def _check_scripts(state: State) -> None:
    """The pack may have changed since this library was judged: before anybody is served, it is judged again."""
    from scripts_library import recheck
    from web.cli.library import report

    report(recheck(state.db, state.judge, state.judge.pack.digest, state.clock()))


def _load_demo(state: object) -> None:
    from web.demo import PASSWORD, STAFF, code_of, load_demo
    from web.state import State

    assert isinstance(state, State)  # noqa: S101 - put there by create_app
    if load_demo(state.db, state.judge, state.clock(), keys=state.keys, secret=state.config.secret_key):
        click.echo(f"Demo accounts, all with the password {PASSWORD}:")
        for name, shown, role, _agency in STAFF:
            click.echo(f"  {name:<8}{role:<12}{shown}")
        if code := code_of(state.db, state.config.secret_key):
            click.echo(f"A debtor's page: http://{state.config.host}:{state.config.port}/d/{code}")
