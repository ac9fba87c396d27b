"""Against a real HTTP server on this machine."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from compliance.database import Database
from compliance.gate.channels import ChannelDown, Delivery, Rejected, TryLater
from compliance.gate.channels.webhook import WebhookChannel, check_url, is_genuine
from compliance.gate.claims import delivery_key
from compliance.gate.dispatch import DispatchReport, dispatch_once
from tests.compliance.gate.world import KEYS, MOBILE, FakeJudge, row, send, sms

SECRET = "a secret that only we and the receiver know"
AT = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
SMS = Delivery("a" * 40, "sms", MOBILE, "您好，您的账单已逾期。", AT)
PEM = Path(__file__).with_name("mail-server.pem")


@dataclass
class Gateway:
    """What arrived, and how the receiver answers next: a status, ``None`` to hang up, or ``cut`` after taking over."""

    requests: list[tuple[str, Message, bytes]] = field(default_factory=list)
    statuses: list[int | None] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b"{}"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.requests.append((self.path, self.headers, body))
                status = gateway.statuses.pop(0) if gateway.statuses else 200
                if status is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                for name, value in gateway.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(gateway.answer)))
                self.end_headers()
                self.wfile.write(gateway.answer)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@contextmanager
def served(gateway: Gateway, tls: bool = False) -> Iterator[int]:
    """The port of a server that runs meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), gateway.handler())
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def channel(port: int, path: str = "/sms?line=1", timeout_s: float = 5.0) -> WebhookChannel:
    return WebhookChannel(f"http://127.0.0.1:{port}{path}", SECRET, timeout_s)


def test_a_message_arrives_as_json() -> None:
    gateway = Gateway()
    with served(gateway) as port:
        channel(port).deliver(SMS)
    path, headers, body = gateway.requests[0]
    assert (path, headers["Idempotency-Key"]) == ("/sms?line=1", SMS.key)
    assert json.loads(body) == {"id": SMS.key, "channel": "sms", "recipient": MOBILE, "text": SMS.text}


def genuine(gateway: Gateway, secret: str = SECRET, now: datetime = AT, body: bytes | None = None) -> bool:
    _, headers, sent = gateway.requests[0]
    stamp, signature = headers["Zhengyan-Timestamp"], headers["Zhengyan-Signature"]
    return is_genuine(secret, stamp, signature, sent if body is None else body, now, timedelta(minutes=5))


def test_the_receiver_can_tell_who_sent_it() -> None:
    gateway = Gateway()
    with served(gateway) as port:
        channel(port).deliver(SMS)
    assert genuine(gateway, now=AT + timedelta(minutes=5))
    assert not genuine(gateway, now=AT + timedelta(minutes=6))
    assert not genuine(gateway, now=AT - timedelta(minutes=6))
    assert not genuine(gateway, secret="another secret of a good length.....")
    assert not genuine(gateway, body=gateway.requests[0][2] + b" ")


@pytest.mark.parametrize("stamp", ["", "-1", "1e9", "٣", "9" * 40])
def test_an_odd_timestamp_is_not_genuine(stamp: str) -> None:
    assert not is_genuine(SECRET, stamp, "v1=", b"", AT, timedelta(minutes=5))


@pytest.mark.parametrize(
    ("answer", "reference"),
    [(b'{"reference": "m-17"}', "m-17"), (b"{}", "http:202"), (b"OK", "http:202"), (b"[]", "http:202"),
     (b'{"reference": 5}', "http:202"), (b'{"reference": "' + b"x" * 300 + b'"}', "x" * 200)],
)  # fmt: skip
def test_the_reference_of_the_receiver_is_kept(answer: bytes, reference: str) -> None:
    with served(Gateway(statuses=[202], answer=answer)) as port:
        assert channel(port).deliver(SMS) == reference


@pytest.mark.parametrize(
    ("status", "failure"),
    [(400, Rejected), (410, Rejected), (422, Rejected), (409, TryLater), (408, TryLater), (401, ChannelDown),
     (404, ChannelDown), (429, ChannelDown), (500, ChannelDown), (503, ChannelDown), (302, ChannelDown)],
)  # fmt: skip
def test_an_answer_says_whether_it_may_come_again(status: int, failure: type[Exception]) -> None:
    with served(Gateway(statuses=[status])) as port, pytest.raises(failure, match=str(status)):
        channel(port).deliver(SMS)


def test_nobody_follows_a_redirect() -> None:
    gateway = Gateway(statuses=[307], headers={"Location": "/elsewhere"})
    with served(gateway) as port, pytest.raises(ChannelDown):
        channel(port).deliver(SMS)
    assert [path for path, _, _ in gateway.requests] == ["/sms?line=1"]


@pytest.mark.parametrize(
    ("asked", "waits"), [("120", 120), ("999999", 3600), ("Wed, 18 Nov 2026 10:00:00 GMT", None), ("²", None)]
)
def test_the_receiver_may_ask_for_a_pause(asked: str, waits: int | None) -> None:
    gateway = Gateway(statuses=[503], headers={"Retry-After": asked})
    with served(gateway) as port, pytest.raises(ChannelDown) as raised:
        channel(port).deliver(SMS)
    assert raised.value.retry_after == (timedelta(seconds=waits) if waits else None)


def test_a_receiver_that_is_not_there_is_down() -> None:
    with served(Gateway()) as port:
        pass
    with pytest.raises(ChannelDown):
        channel(port).deliver(SMS)


def test_a_certificate_that_does_not_hold_is_an_error() -> None:
    gateway = Gateway()
    with served(gateway, tls=True) as port, pytest.raises(ChannelDown):
        WebhookChannel(f"https://127.0.0.1:{port}/", SECRET, 5.0).deliver(SMS)
    assert gateway.requests == []


@pytest.mark.parametrize(
    "url", ["http://sms.example.com/", "ftp://x/", "https://", "https://u:p@sms.example.com/", "/sms", "https://x/#a"]
)
def test_messages_go_to_https_addresses_only(url: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        check_url(url)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        WebhookChannel("https://sms.example.com/", "short")


def test_neither_secret_nor_words_are_in_its_representation() -> None:
    assert SECRET not in repr(WebhookChannel("https://sms.example.com/", SECRET))


# With the dispatcher


def run(db: Database, judge: FakeJudge, port: int, now: datetime) -> DispatchReport:
    return dispatch_once(db, judge, {"sms": channel(port)}, "w", now, KEYS)  # type: ignore[arg-type]


def test_a_receiver_that_was_down_gets_the_same_key_again(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    gateway = Gateway(statuses=[None, 503])
    with served(gateway) as port:
        reports = [run(desk, judge, port, now + timedelta(minutes=10 * count)) for count in range(4)]
    assert [(report.deferred, report.sent) for report in reports] == [(1, 0), (1, 0), (0, 1), (0, 0)]
    assert {headers["Idempotency-Key"] for _, headers, _ in gateway.requests} == {delivery_key("1")}


def test_each_try_is_signed_with_its_own_time(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    gateway = Gateway(statuses=[503])
    with served(gateway) as port:
        run(desk, judge, port, now)
        run(desk, judge, port, now + timedelta(hours=1))
    stamps = [int(headers["Zhengyan-Timestamp"]) for _, headers, _ in gateway.requests]
    assert stamps == [int(now.timestamp()), int(now.timestamp()) + 3600]


def test_the_pause_that_was_asked_for_is_kept(desk: Database, judge: FakeJudge, now: datetime) -> None:
    send(desk, judge, sms("1"), now)
    with served(Gateway(statuses=[503], headers={"Retry-After": "1800"})) as port:
        run(desk, judge, port, now)
    assert row(desk, "1").next_try_at == now + timedelta(minutes=30)
