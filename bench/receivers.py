"""A mail server and a webhook receiver that fail at random, and remember what they really took over."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from compliance.gate.channels.webhook import sign

FAULTS = ("none", "none", "none", "later", "refuse", "down", "cut before", "cut after", "slow")
"""How a receiver may treat a message; ``cut after``: it has taken it over, and the sender never learns."""


@dataclass
class Taken:
    """What a receiver took over, by Message-ID or idempotency key, and how its chance falls."""

    chance: random.Random
    calm: bool = False
    """Whether it behaves from now on."""
    arrived: Counter[str] = field(default_factory=Counter)
    """Deliveries that reached the recipient."""
    posted: Counter[str] = field(default_factory=Counter)
    """Every try that was heard, those that the receiver dropped as known included."""
    forged: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self) -> str:
        with self.lock:
            return "none" if self.calm else self.chance.choice(FAULTS)

    def take(self, key: str, once: bool) -> None:
        """Deliver; where ``once``, a key that is known is not delivered again."""
        with self.lock:
            self.posted[key] += 1
            if not once or key not in self.arrived:
                self.arrived[key] += 1


class Mailbox:
    """Handler of ``aiosmtpd``. It does not look at keys: like most mail servers it delivers what it is given."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:
        session.fault = self.taken.fault()  # type: ignore[attr-defined]
        answers = {"later": "451 later", "refuse": "550 no", "down": "421 closing"}
        if session.fault in answers:  # type: ignore[attr-defined]
            return answers[session.fault]  # type: ignore[attr-defined]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = session.fault  # type: ignore[attr-defined]
        if fault == "cut before":
            _hang_up(server)
            return "421 gone"
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        self.taken.take(str(message["Message-ID"]), once=False)
        if fault == "cut after":
            _hang_up(server)
        return "250 OK"


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


@contextmanager
def mail_receiver(taken: Taken) -> Iterator[int]:
    """The port of a mail server that runs meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    controller = Controller(Mailbox(taken), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def webhook_receiver(taken: Taken, secret: str) -> Iterator[int]:
    """The port of an HTTP receiver that runs meanwhile and delivers an idempotency key once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(taken, secret))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(taken: Taken, secret: str) -> type[BaseHTTPRequestHandler]:
    statuses = {"later": 409, "refuse": 400, "down": 503}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            expected = f"v1={sign(secret, self.headers['Zhengyan-Timestamp'], body)}"
            if self.headers["Zhengyan-Signature"] != expected or json.loads(body)["id"] != self.key:
                taken.forged += 1
            fault = taken.fault()
            if fault == "cut before":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if fault == "refuse" and self.key in taken.arrived:
                fault = "none"  # a key that is known is answered as the first time
            if fault == "slow":
                time.sleep(0.3)
            if fault not in statuses:
                taken.take(self.key, once=True)
            if fault == "cut after":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(statuses.get(fault, 200))
            self.send_header("Content-Length", "0")
            self.end_headers()

        @property
        def key(self) -> str:
            return self.headers["Idempotency-Key"]

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the sender was killed

    return Handler
