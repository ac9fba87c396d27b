"""Serving the application."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from typing import TYPE_CHECKING

import click

THREADS = 256
"""Requests at once. The page of an open call holds one for its stream; waiting threads cost next to nothing."""
QUEUE = 1024
"""Connections that the system accepts for a server that is busy; further ones are refused."""
IDLE_SECONDS = 30
"""How long a connection may be silent, between two requests or within one."""
CONNECTIONS = 10_000
"""Open connections on which nothing is asked. A browser keeps up to six."""
HEADERS_BYTES = 64 * 1024
"""Of one request."""
UNREAD = 4
"""Times the largest body that the application takes. Up to there it tells its refusal itself, in its own words and
after the whole body was read; beyond, the server refuses before it reads any."""
NAME = "zhengyan"
"""What answers say of the server; no version."""
_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from cheroot.wsgi import Server
    from flask import Flask

    from web.state import State


@click.command()
@click.option("--demo", is_flag=True, help="Load demo data first if the database is empty.")
def serve(demo: bool = False) -> None:
    """Migrate the database and serve the application."""
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
    server = server_of(app, config.host, config.port, config.max_request_kb * 1024)
    run_until_interrupted(server)


def run_until_interrupted(server: Server) -> None:
    """Until Ctrl-C. Its threads are daemons, as they are made by one: an open call does not keep the process alive.

    Raises ``ClickException`` where nothing can listen there, or where it stops of itself: no supervisor should take
    that for an end that was wanted.
    """
    failed: list[Exception] = []

    def start() -> None:
        try:
            server.start()
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            failed.append(error)

    thread = threading.Thread(target=start, name="serving", daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        return
    for error in failed:
        if isinstance(error, OSError):
            raise click.ClickException(f"cannot listen there: {error}; set ZHENGYAN_HOST or ZHENGYAN_PORT") from error
        raise error
    raise click.ClickException("the server has stopped of itself; what it logged before says why")


def server_of(app: Flask, host: str, port: int, largest: int) -> Server:
    """A server that listens when it is prepared or started; 0 for ``port`` is any that is free. ``largest``: bytes of
    the largest body that the application takes.

    A thread reads a request, answers it and sends the answer: with one thread for the network and others for the
    answers, they took as long to hand each other the interpreter as to work.
    """
    from cheroot.wsgi import Server

    class Listening(Server):
        """Wakes nobody for a connection on which nothing was said yet: browsers open some to spare."""

        def prepare(self) -> None:
            super().prepare()
            if hasattr(socket, "TCP_DEFER_ACCEPT"):
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, IDLE_SECONDS)

        def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
            _log.log(level, "%s", msg, exc_info=traceback)

    server = Listening((host, port), app, THREADS, NAME, THREADS, request_queue_size=QUEUE, timeout=IDLE_SECONDS)
    server.keep_alive_conn_limit = CONNECTIONS
    server.max_request_header_size = HEADERS_BYTES
    server.max_request_body_size = UNREAD * largest
    return server


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
