"""Serving the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

THREADS = 64
"""Requests at once. The page of an open call holds one for its stream; waiting threads cost next to nothing."""

if TYPE_CHECKING:
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
    waitress.serve(app, host=config.host, port=config.port, threads=THREADS, ident=None, _quiet=True)


def _check_scripts(state: State) -> None:
    """The pack may have changed since this library was judged: before anybody is served, it is judged again."""
    from scripts_library import recheck
    from web.cli.library import report

    report(recheck(state.db, state.judge, state.judge.pack.digest, state.clock()))


def _load_demo(state: object) -> None:
    from web.demo import PASSWORD, STAFF, load_demo
    from web.state import State

    assert isinstance(state, State)  # noqa: S101 - put there by create_app
    if load_demo(state.db, state.judge, state.clock(), keys=state.keys):
        click.echo(f"Demo accounts, all with the password {PASSWORD}:")
        for name, shown, role, _agency in STAFF:
            click.echo(f"  {name:<8}{role:<12}{shown}")
