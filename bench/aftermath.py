"""After the kills: let what waits go, then hold what was delivered against what was decided, item by item."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import func, select

from bench.receivers import Taken
from compliance import ledger
from compliance.database import Database
from compliance.gate.claims import UNKNOWN, delivery_key
from compliance.gate.models import Outreach, OutreachText
from compliance.ledger import LedgerEntry
from web.config import Config
from web.state import build_state

STEP = timedelta(seconds=45)
"""Longer than the shortest pause, and 200 of them stay within the same afternoon."""
SETTLED = ("sent", "failed")


class Asked(Protocol):
    """What the clients know."""

    answered: dict[str, str]
    dialled: list[str]
    failures: list[str]


@dataclass(frozen=True, slots=True)
class Record:
    """What the database holds when everything is quiet."""

    outreach: Mapping[str, Outreach]
    texts: int
    kinds: Mapping[str, Counter[str]]
    """Id → how many ledger entries of each kind."""
    permits: Mapping[str, str | None]
    """Id → the permit of the decision, as the ledger has it."""
    entries: int


def settle_and_count(url: str, config: Config, asked: Asked, sms: Taken, mail: Taken) -> list[str]:
    """Lines to print. Raises ``AssertionError`` naming the first promise that was broken."""
    _settle(config)
    db = Database(url)
    record = _read(db)
    db.dispose()
    _check_answers(record, asked)
    _check_delivered(record, sms, mail, asked)
    _check_undelivered(record, sms, mail)
    states = Counter(outreach.state for outreach in record.outreach.values())
    in_doubt = sum(outreach.last_error == UNKNOWN for outreach in record.outreach.values())
    tries = sum(kinds["outreach:sending"] for kinds in record.kinds.values())
    return [
        f"{len(record.outreach)} outreach ({', '.join(f'{n} {state}' for state, n in sorted(states.items()))}), "
        f"{record.entries} ledger entries",
        f"webhook: {len(sms.arrived)} keys, each delivered once, heard {sum(sms.posted.values())} times; "
        f"mail: {sum(mail.arrived.values())} delivered, none twice; {tries} tries; {len(asked.dialled)} calls dialled",
        f"{in_doubt} mails cut off in doubt, left to an officer",
        "ledger verified; nothing lost, nothing without a permit or an entry, nothing twice",
    ]


def _settle(config: Config) -> None:
    """A dispatcher of this process goes on, with a clock that runs ahead, until nothing waits any more."""
    now = datetime.now(UTC)
    state = build_state(config, lambda: now)
    for _ in range(200):
        now += STEP
        state.dispatch("aftermath")
        with state.db.read() as session:
            waiting = session.scalar(
                select(func.count()).select_from(Outreach)
                .where(Outreach.channel != "call", Outreach.state.in_(("permitted", "sending")))
            )  # fmt: skip
        if not waiting:
            return state.db.dispose()
    raise AssertionError(f"{waiting} messages still wait")


def _read(db: Database) -> Record:
    with db.read() as session:
        result = ledger.verify(session)
        assert result.ok, f"the ledger does not verify: {result}"
        outreach = {one.client_id: one for one in session.scalars(select(Outreach))}
        texts = session.scalar(select(func.count()).select_from(OutreachText)) or 0
        kinds: dict[str, Counter[str]] = defaultdict(Counter)
        permits: dict[str, str | None] = {}
        entries = list(session.scalars(select(LedgerEntry).where(LedgerEntry.subject.like("outreach:%"))))
    for entry in entries:
        id = entry.subject.removeprefix("outreach:")
        kinds[id][entry.kind] += 1
        if entry.kind == "outreach:decided":
            permits[id] = json.loads(entry.body)["permit"]
    return Record(outreach, texts, kinds, permits, result.count)


def _check_answers(record: Record, asked: Asked) -> None:
    """Whoever was answered finds their outreach; whole rows only."""
    assert asked.failures == [], asked.failures[:3]
    lost = asked.answered.keys() - record.outreach.keys()
    assert not lost, f"answered and not recorded: {sorted(lost)[:3]}"
    assert len(record.outreach) == record.texts, "an outreach without its text, or the other way round"
    once = [id for id, kinds in record.kinds.items() if kinds["outreach:decided"] != 1]
    assert not once, f"not decided exactly once: {once[:3]}"
    assert record.kinds.keys() == record.outreach.keys(), "a decision without its outreach, or the other way round"
    refused = {id: state for id, state in asked.answered.items() if state != "permitted"}
    assert not refused, f"not permitted: {sorted(refused.items())[:3]}"


def _check_delivered(record: Record, sms: Taken, mail: Taken, asked: Asked) -> None:
    """What was delivered was permitted, has its entry, and came once."""
    assert sms.forged == 0, "a webhook request that was not signed rightly"
    ids = {delivery_key(id): id for id in record.outreach}
    delivered = dict.fromkeys(sms.arrived, "webhook") | {_key_of(mid): "mail" for mid in mail.arrived}
    for key, how in delivered.items():
        id = ids.get(key)
        assert id is not None, f"{how} delivered {key}, which nobody submitted"
        assert record.permits[id] is not None, f"{id} delivered without a permit"
        assert record.kinds[id]["outreach:sending"] >= 1, f"{id} delivered without an entry"
    twice = [key for key, count in (sms.arrived + mail.arrived).items() if count > 1]
    assert not twice, f"delivered twice: {[ids.get(_key_of(key)) for key in twice][:3]}"
    for id in asked.dialled:
        assert record.kinds[id]["permit:redeemed"] == 1, f"{id} dialled without having redeemed its permit once"
    assert len(set(asked.dialled)) == len(asked.dialled)


def _check_undelivered(record: Record, sms: Taken, mail: Taken) -> None:
    """Nothing that was permitted is lost: it is sent, or an officer sees it."""
    arrived = {*sms.arrived, *(_key_of(message_id) for message_id in mail.arrived)}
    for id, outreach in record.outreach.items():
        if outreach.channel == "call":
            continue
        assert outreach.state in SETTLED, f"{id} is {outreach.state}"
        if outreach.state == "sent":
            assert delivery_key(id) in arrived, f"{id} is said to be sent and never arrived"
        else:
            assert outreach.last_error, f"{id} failed without a reason"
            came = outreach.channel == "sms" and delivery_key(id) in arrived
            assert not came, f"{id} was taken over and is said to have failed"


def _key_of(message_id: str) -> str:
    """The key in a Message-ID; a webhook key is one already."""
    return message_id.strip("<>").partition("@")[0]
