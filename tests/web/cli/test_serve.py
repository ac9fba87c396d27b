"""The server that ``serve`` runs, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import click
import pytest
from flask import Flask, Response, request

from tests.serving import served
from web.cli import serve
from web.cli.serve import run_until_interrupted, server_of

ALLOWED_BYTES = 1000


@pytest.fixture
def told() -> threading.Event:
    """Set when the endless answer has been closed."""
    return threading.Event()


@pytest.fixture
def port(told: threading.Event, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where a server listens that has few threads."""
    monkeypatch.setattr(serve, "THREADS", 4)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = ALLOWED_BYTES

    @app.route("/", methods=["GET", "POST"])
    def hello() -> str:
        return request.get_data(as_text=True) or "hello"

    @app.errorhandler(413)
    def too_large(_error: Exception) -> tuple[str, int]:
        return "太大", 413

    @app.get("/endless")
    def endless() -> Response:
        def beats() -> Iterator[str]:
            try:
                while True:
                    yield "beat\n"
                    told.wait(0.01)
            finally:
                told.set()

        return Response(beats(), mimetype="text/event-stream")

    with served(app) as address:
        yield int(address.rpartition(":")[2])


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def status(port: int, request: bytes) -> bytes:
    with connect(port) as connection:
        connection.sendall(request)
        return connection.recv(1000).split(b"\r\n")[0]


def test_a_connection_is_kept_for_the_next_request(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.will_close) == (200, b"hello", False)
    connection.close()


def test_it_does_not_tell_its_version(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().headers["Server"] == "zhengyan"
    connection.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_DEFER_ACCEPT"), reason="the system tells of every connection at once")
def test_connections_on_which_nothing_is_said_hold_nobody_up(port: int) -> None:
    silent = [connect(port) for _ in range(40)]
    assert status(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == b"HTTP/1.1 200 OK"
    for connection in silent:
        connection.close()


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_read(port: int) -> None:
    announced = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (serve.UNREAD * ALLOWED_BYTES + 1)
    assert status(port, announced) == b"HTTP/1.1 413 Request Entity Too Large"


def test_a_body_that_is_somewhat_too_large_is_refused_in_the_words_of_the_application(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/", b"x" * (ALLOWED_BYTES + 1))
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (413, "太大".encode())
    connection.close()


def test_headers_without_end_are_refused(port: int) -> None:
    assert b" 413 " in status(port, b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 2 * serve.HEADERS_BYTES)


def test_what_is_no_request_is_refused(port: int) -> None:
    assert b" 400 " in status(port, b"\x16\x03\x01 no request\r\n\r\n")


def test_a_stream_is_sent_as_it_is_made_and_closed_when_nobody_listens(port: int, told: threading.Event) -> None:
    connection = connect(port)
    connection.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
    read = b""
    while b"beat" not in read:
        read += connection.recv(1000)
    assert not told.is_set()
    connection.close()
    assert told.wait(10)


# the library leaves the socket that it could not bind to the collector of garbage
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = server_of(Flask(__name__), "127.0.0.1", taken.getsockname()[1], ALLOWED_BYTES)
        with pytest.raises(click.ClickException, match="ZHENGYAN_PORT"):
            run_until_interrupted(server)


def test_a_server_that_stops_of_itself_is_no_success() -> None:
    server = server_of(Flask(__name__), "127.0.0.1", 0, ALLOWED_BYTES)

    def stop() -> None:
        while not server.ready:
            time.sleep(0.01)
        server.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    with pytest.raises(click.ClickException, match="stopped of itself"):
        run_until_interrupted(server)
    stopping.join()
