"""What requests cost over HTTP: a page that says hello, a check, and a decision of the gate, on the same server.

The server that ``serve`` runs, in a process of its own; eight clients that keep their connections; the three take
turns.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from bench.filling import EACH, fill
from bench.judging import Target
from bench.races import NOW
from compliance.database import Database
from web.accounts import create_user, issue_token
from web.config import Config

CLIENTS = 8
WORDS = "【示例银行】您好，您的信用卡账单已逾期，请及时还款；如有异议或还款困难，请致电95577。"
KINDS = ("hello", "check", "gate")


def run(
    url: str, folder: Path, kind: str, *, rounds: int = 5, seconds: float = 3.0, debtors: int = 5_000
) -> Iterator[str]:
    """Lines to print. ``url``: a migrated, empty database."""
    db = Database(url)
    fill(db, debtors * EACH, NOW)
    with db.write() as session:
        user = create_user(session, "bench", "Bench", "admin", "a password for the bench", NOW)
        session.flush()
        token = issue_token(session, user, NOW)
    db.dispose()
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(url, str(folder), theirs), daemon=True)
    server.start()
    try:
        port = int(ours.recv())
        numbers = count()
        found: dict[str, list[float]] = {name: [] for name in KINDS}
        for _ in range(rounds):
            for name in KINDS:
                found[name].append(_rate(port, token, name, seconds, numbers, debtors))
    finally:
        server.kill()
        server.join()
    for name in KINDS:
        yield f"{kind} over HTTP: {name:5} {statistics.median(found[name]):6.0f} requests/s"
    for name, bound in (("check", 0.6), ("gate", 0.25)):
        share = statistics.median(one / hello for one, hello in zip(found[name], found["hello"], strict=True))
        yield str(Target(f"{kind}: {name} against hello, % of its requests/s", share * 100, bound * 100, " %", True))


def _serve(url: str, folder: str, pipe: Connection) -> None:
    from web import create_app
    from web.auth import public
    from web.cli.serve import server_of

    config = Config(database_url=url, secret_key="k" * 40, instance=Path(folder))
    app = create_app(config, clock=lambda: NOW)
    app.add_url_rule("/hello", "hello", public(lambda: "hello"))
    server = server_of(app, "127.0.0.1", 0, config.max_request_kb * 1024)
    server.prepare()
    pipe.send(server.socket.getsockname()[1])
    server.serve()


def _rate(port: int, token: str, name: str, seconds: float, numbers: Iterator[int], debtors: int) -> float:
    """Requests a second. Raises ``AssertionError`` at an answer that is no success."""
    until = time.perf_counter() + seconds
    done: list[int] = []
    wrong: list[str] = []

    def ask() -> None:
        connection, asked = HTTPConnection("127.0.0.1", port, timeout=60), 0
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while time.perf_counter() < until:
            verb, path, body = _request(name, numbers, debtors)
            connection.request(verb, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in (200, 201):
                wrong.append(f"{answer.status} {text[:200]!r}")
                break
            asked += 1
        connection.close()
        done.append(asked)

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    return sum(done) / (time.perf_counter() - begun)


def _request(name: str, numbers: Iterator[int], debtors: int) -> tuple[str, str, bytes | None]:
    if name == "hello":
        return "GET", "/hello", None
    if name == "check":
        return "POST", "/api/v1/screen", json.dumps({"text": WORDS, "channel": "sms", "audience": "debtor"}).encode()
    debtor = f"B{next(numbers) % debtors + 1}"
    body = {"id": uuid4().hex, "debtor": debtor, "contact_point": debtor, "channel": "sms", "text": WORDS}
    return "POST", "/api/v1/outreach", json.dumps(body).encode()
