"""``python -m bench faults --kills 200``: servers and dispatchers are killed (SIGKILL) at random instants while
messages and calls run through them, with receivers that fail at random; then everything is counted.

Real processes that run ``serve`` and ``dispatch`` on one database. Clients keep asking with the same id until they
are answered. Each message is for a debtor of its own, so that no limit hides a fault.
"""

from __future__ import annotations

import os
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

from bench.aftermath import settle_and_count
from bench.receivers import Taken, mail_receiver, webhook_receiver
from bench.victims import nursery, start
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import Database
from compliance.migrations import upgrade
from web.accounts import create_user, issue_token
from web.config import Config

WORDS = (
    "【示例银行】您好，这里是示例银行信用卡中心，工号1001。您的信用卡账单已逾期，请及时还款；"
    "如有异议或还款困难，请致电95577。"
)
SECRET = "the receiver of the fault bench knows this secret"  # noqa: S105 - a receiver of our own
LEASE_S = 4
KEPT = ("ZHENGYAN_DATA_KEYS", "ZHENGYAN_CACHE_DIR")
"""Settings that every process of a run shares with this one."""
START_S = 1.5
"""About how long a process takes until it works."""
CHANNELS = (("sms", "M"), ("email", "E"), ("call", "M"))


@dataclass
class Traffic:
    """What the clients asked for, what they were answered, and which calls they were allowed to dial."""

    answered: dict[str, str] = field(default_factory=dict)
    """Id → state of the first answer."""
    dialled: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Answers that should never come."""


@dataclass
class World:
    """One run: where everything lives, and the processes that are killed."""

    folder: Path
    url: str
    token: str
    environment: dict[str, str]
    ports: tuple[int, ...]
    sms: Taken
    mail: Taken
    traffic: Traffic = field(default_factory=Traffic)
    context: ForkServerContext = field(default_factory=nursery)
    processes: dict[str, ForkServerProcess] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    started: dict[str, float] = field(default_factory=dict)
    kills: int = 0
    next_debtor: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str) -> None:
        """``serve-PORT`` or ``dispatch-N``."""
        kind, _, which = name.partition("-")
        arguments = [kind, "--every", "0.1"] if kind == "dispatch" else [kind]
        environment = self.environment | ({"ZHENGYAN_PORT": which} if kind == "serve" else {})
        self.started[name] = time.monotonic()
        self.processes[name] = start(self.context, arguments, environment, str(self.folder / f"{name}.log"))

    def kill(self, name: str) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        self.processes[name].kill()
        self.processes[name].join()


def run(kills: int, *, seed: int = 1, url: str | None = None, pause_s: float = 0.8, clients: int = 3) -> list[str]:
    """Lines to print; the last says whether every promise was kept. ``url``: an empty database; SQLite where absent.

    Raises ``AssertionError`` with what was broken.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sms, mail = Taken(random.Random(seed + 1)), Taken(random.Random(seed + 2))
        ports = stack.enter_context(webhook_receiver(sms, SECRET)), stack.enter_context(mail_receiver(mail))
        world = _build(folder, url or f"sqlite:///{folder / 'faults.db'}", ports, sms, mail)
        begun = time.monotonic()
        _rage(world, kills, chance, pause_s, clients)
        sms.calm = mail.calm = True
        lines = settle_and_count(world.url, _config(world), world.traffic, sms, mail)
    return [f"{world.kills} kills in {time.monotonic() - begun:.0f} s, {len(world.traffic.answered)} answers", *lines]


def _rage(world: World, kills: int, chance: random.Random, pause_s: float, clients: int) -> None:
    """Traffic, and meanwhile one process after another killed and started again."""
    names = [*(f"serve-{port}" for port in world.ports), "dispatch-1", "dispatch-2"]
    for name in names:
        world.start(name)
    threads = [threading.Thread(target=_client, args=(world, number)) for number in range(clients)]
    for thread in threads:
        thread.start()
    _wait_for_answers(world)
    while world.kills < kills:
        time.sleep(chance.uniform(0, 2 * pause_s))
        name = _victim(world, names, chance)
        world.kill(name)
        world.kills += 1
        world.start(name)
    time.sleep(2 * pause_s)
    world.stop.set()
    for thread in threads:
        thread.join()
    for name in names:
        world.kill(name)


def _victim(world: World, names: list[str], chance: random.Random) -> str:
    """Mostly one that is at work, now and then one that is only starting."""
    working = [name for name in names if time.monotonic() - world.started[name] > START_S]
    return chance.choice(working if working and chance.random() < 0.8 else names)


def _wait_for_answers(world: World) -> None:
    """Until both servers are up and something was answered."""
    for _ in range(600):
        if world.traffic.answered:
            return
        time.sleep(0.1)
    logs = "\n".join(path.read_text(errors="replace")[-2_000:] for path in world.folder.glob("*.log"))
    raise AssertionError(f"no server answers:\n{logs}")


def _client(world: World, number: int) -> None:
    """One collection system: a message or a call after the other, each until it is answered."""
    with httpx.Client(timeout=10.0, headers={"Authorization": f"Bearer {world.token}"}) as http:
        while not world.stop.is_set():
            with world.lock:
                debtor = next(world.next_debtor)
            channel, point = CHANNELS[debtor % len(CHANNELS)]
            id, text = f"f-{debtor}", None if channel == "call" else WORDS
            body = {"id": id, "debtor": f"F{debtor}", "contact_point": f"{point}{debtor}", "channel": channel}
            answer = _ask(world, http, "/outreach", body | ({"text": text} if text else {}))
            if answer is None:
                return
            world.traffic.answered[id] = answer["state"]
            if channel == "call" and answer["permit"]:
                _dial(world, http, id, answer["permit"], debtor)


def _ask(world: World, http: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a submission, from whichever server lives; ``None`` where the run ended before."""
    port = 0
    while True:
        try:
            reply = http.post(f"http://127.0.0.1:{world.ports[port % len(world.ports)]}/api/v1{path}", json=body)
            if reply.status_code in (200, 201):
                found: dict[str, Any] = reply.json()
                return found
            if reply.status_code < 500 or reply.status_code == 500:
                world.traffic.failures.append(f"{body['id']}: {reply.status_code} {reply.text[:200]}")
                return None
        except httpx.TransportError:
            if world.stop.is_set():
                return None
        port += 1
        time.sleep(0.05)


def _dial(world: World, http: httpx.Client, id: str, permit: str, debtor: int) -> None:
    """Redeem once. Where no answer comes nobody dials, as the reference client has it."""
    body = {"permit": permit, "recipient": _mobile(debtor)}
    try:
        reply = http.post(f"http://127.0.0.1:{world.ports[debtor % len(world.ports)]}/api/v1/permits/redeem", json=body)
    except httpx.TransportError:
        return
    if reply.status_code == 200:
        world.traffic.dialled.append(id)


def _build(folder: Path, url: str, ports: tuple[int, int], sms: Taken, mail: Taken) -> World:
    """The database with its debtors, a token, and the settings of all processes."""
    upgrade(url)
    db = Database(url)
    now = datetime.now(UTC)
    with db.write() as session:
        session.add(Creditor(id=1, name="示例银行", kind="bank"))
        session.flush()
        user = create_user(session, "faults", "Faults", "admin", "a password for the fault bench", now)
        session.flush()
        token = issue_token(session, user, now)
        _add_debtors(session, 6_000, _zone_of_noon(now))
    db.dispose()
    webhook_port, mail_port = ports
    shared = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGYAN_") or name in KEPT}
    environment = shared | {
        "ZHENGYAN_INSTANCE": str(folder), "ZHENGYAN_DATABASE_URL": url, "ZHENGYAN_SECRET_KEY": "k" * 40,
        "ZHENGYAN_CHANNEL": "smtp+webhook", "ZHENGYAN_SMTP_PORT": str(mail_port),
        "ZHENGYAN_WEBHOOK_URL": f"http://127.0.0.1:{webhook_port}/sms", "ZHENGYAN_WEBHOOK_SECRET": SECRET,
        "ZHENGYAN_LEASE_SECONDS": str(LEASE_S),
    }  # fmt: skip
    return World(folder, url, token, environment, (_free_port(), _free_port()), sms, mail)


def _config(world: World) -> Config:
    return Config.from_env(world.environment)


def _add_debtors(session: Session, count: int, timezone: str) -> None:
    numbers = range(1, count + 1)
    session.add_all(
        Debtor(
            id=n, ref=f"F{n}", name="张三", timezone=timezone, vulnerable="", bankruptcy=False, no_contact_order=False
        )
        for n in numbers
    )
    session.add_all(
        Account(creditor_id=1, debtor_id=n, product="credit_card", account_no=f"F{n}", principal=Decimal(1000),
                due_date=date(2026, 1, 5))
        for n in numbers
    )  # fmt: skip
    own = {"relation": "self", "source": "contract", "valid": True}
    session.add_all(
        ContactPoint(debtor_id=n, ref=f"{kind[0].upper()}{n}", kind=kind, value=value, **own)
        for n in numbers
        for kind, value in (("mobile", _mobile(n)), ("email", f"f{n}@example.com"))
    )


def _mobile(debtor: int) -> str:
    return f"138{debtor:08d}"


def _zone_of_noon(now: datetime) -> str:
    """A zone in which it is about noon: the run may take place at any hour."""
    east = 12 - now.hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
