"""How good suggestions are at labelled moments of whole calls (``good_next``, see ``corpus/conversations-README.md``).

After the given turn the call is folded, and the shipped scripts are ranked, filled and judged as on the page. What the
label asks for in free words is decided only as far as ``good_next.toml`` knows the words; the rest is counted apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from assistant.calls.desk import Desk
from assistant.calls.figures import known_account, row_day, spoken_rows
from assistant.calls.models import Call
from assistant.calls.reading import CallCase
from assistant.calls.state import CallState, fold
from assistant.suggestions.choosing import Library, Suggestion, is_spared, moment_of, offer
from compliance.casebook import load_stages
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.judge.evaluation import reading_call
from compliance.judge.text import clean
from scripts_library.choosing import ServedScript
from scripts_library.seeding import SeedScript
from scripts_library.wording import ANY_STAGE

SHOWN = 3
"""Suggestions that are seen without scrolling."""
_TABLE = Path(__file__).with_name("good_next.toml")
_DEBT = re.compile(r"欠款|欠了|逾期|贷款|信用卡|账单|还款|[0-9][0-9,.]*元")


@dataclass(frozen=True, slots=True)
class Moment:
    """One labelled moment, and what was shown then. ``topics`` and ``bans``: by name, covered or kept."""

    call: str
    after: int
    offered: tuple[Suggestion, ...]
    topics: Mapping[str, bool]
    bans: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class NextFigures:
    """The figures of one run."""

    moments: tuple[Moment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON. Shares of nothing are ``None``."""
        asked = [one for one in self.moments if one.topics]
        banned = [one for one in self.moments if one.bans]
        return {
            "moments": len(self.moments),
            "offered": _share(bool(one.offered) for one in self.moments),
            "should_decided": _share(bool(one.topics) for one in self.moments),
            "should_topics_covered": _share(held for one in asked for held in one.topics.values()),
            "should_any_covered": _share(any(one.topics.values()) for one in asked),
            "must_not_decided": _share(bool(one.bans) for one in self.moments),
            "must_not_kept": _share(all(one.bans.values()) for one in banned),
        }

    def as_table(self) -> str:
        """The figures as plain text for a terminal, with what was not covered and what was broken."""
        found = self.to_dict()
        lines = [f"good_next: {found.pop('moments')} moments, the first {SHOWN} suggestions"]
        lines += [f"{name:24}{'-' if value is None else format(value, '.3f'):>10}" for name, value in found.items()]
        for one in self.moments:
            failed = [name for held in (one.topics, one.bans) for name, holds in held.items() if not holds]
            if failed:
                shown = "、".join(suggestion.title for suggestion in one.offered) or "nothing"
                lines.append(f"{one.call} after {one.after}: {', '.join(failed)}; shown: {shown}")
        return "\n".join(lines)


def evaluate_next(rows: Iterable[Mapping[str, Any]], desk: Desk, seeds: Iterable[SeedScript]) -> NextFigures:
    """What would be shown at every labelled moment, held against its label.

    Raises:
        InvalidInput: a call that cannot be read; names the call.
    """
    shipped = tuple(seeds)
    found: list[Moment] = []
    for row in rows:
        with reading_call(row):
            found += _moments(row, desk, shipped)
    return NextFigures(tuple(found))


def _moments(row: Mapping[str, Any], desk: Desk, seeds: tuple[SeedScript, ...]) -> Iterator[Moment]:
    case, now = row_case(row)
    for label in row["good_next"]:
        after = int(label["after_seq"])
        turns = [turn for turn in spoken_rows(row) if turn.seq <= after]
        state = fold(turns, case.facts, {}, desk.talk)
        offered = _offer(case, state, desk, seeds, now)[:SHOWN]
        topics = {one["name"]: _covers(one, offered) for one in _table()["topic"] if _is_about(one, label["should"])}
        bans = {one["name"]: _keeps(one, offered, desk) for one in _table()["ban"] if _is_about(one, label["must_not"])}
        yield Moment(str(row["id"]), after, offered, topics, bans)


def _offer(
    case: CallCase, state: CallState, desk: Desk, seeds: tuple[SeedScript, ...], now: datetime
) -> tuple[Suggestion, ...]:
    moment = moment_of(state, is_spared(case, state), frozenset())
    return offer(library_of(seeds), desk, case, state, moment, now)


def library_of(seeds: tuple[SeedScript, ...]) -> Library:
    """The shipped scripts as a library that needs no database."""

    def served(stage: str, audience: str, product: str) -> list[ServedScript]:
        return [_served(seed, number) for number, seed in enumerate(seeds) if _fits(seed, stage, audience, product)]

    return served


def row_case(row: Mapping[str, Any]) -> tuple[CallCase, datetime]:
    """The rows that the call would have, in no database; and mid-morning of its day."""
    today, known, raw = row_day(row), known_account(row["account"]), row["account"]
    now = datetime.combine(today, time(10), load_stages().zone)
    creditor = Creditor(id=1, name=raw["creditor"], kind="bank", phone="95500")
    debtor = Debtor(id=1, ref="D1", vulnerable="")
    set_committed_value(debtor, "name", "程知远")  # nothing is stored: no key for personal data is asked for
    account = Account(
        id=1, creditor_id=1, debtor_id=1, product=row["product"], account_no="6200000000001234",
        principal=known.principal, interest=known.interest, fees=known.fees,
        due_date=today - timedelta(days=int(row["days_past_due"])), plan_in_force=False, plan_breached=False,
        agency="衡屿商务服务公司" if "衡屿" in row["turns"][0]["text"] else None,
    )  # fmt: skip
    point = ContactPoint(id=1, ref="P1", debtor_id=1, kind="mobile", relation="self")
    call = Call(
        id=1,
        ref=str(row["id"]),
        collector="lin",
        caller="小林",
        caller_no="3107",
        direction="in",
        started_at=now,
        opened_at=now,
    )
    return CallCase(call, debtor, account, creditor, point, None), now


def _fits(seed: SeedScript, stage: str, audience: str, product: str) -> bool:
    head = seed.head
    products = head.products
    return (
        head.stage in (stage, ANY_STAGE)
        and head.audience == audience
        and "call" in head.channels
        and (not products or product in products)
    )


def _served(seed: SeedScript, number: int) -> ServedScript:
    head, wording = seed.head, seed.wording
    return ServedScript(
        key=head.key, version_id=number, number=1, stage=head.stage, scene=head.scene, title=head.title,
        intent=head.intent, channels=head.channels, audience=head.audience, say=wording.say, why=wording.why,
        avoid=wording.avoid, must_say=wording.must_say, article=wording.article, only=head.only,
        branches=wording.branches,
    )  # fmt: skip


def _covers(topic: Mapping[str, Any], offered: tuple[Suggestion, ...]) -> bool:
    scenes, words = topic.get("scenes", ()), topic.get("words")
    return any(one.scene in scenes or (words is not None and re.search(words, one.text)) for one in offered)


def _keeps(ban: Mapping[str, Any], offered: tuple[Suggestion, ...], desk: Desk) -> bool:
    return not any(_breaks(ban, one.text, desk) for one in offered)


def _breaks(ban: Mapping[str, Any], text: str, desk: Desk) -> bool:
    demands = bool(ban.get("demands")) and desk.talk.signals["demands"].occurs(clean(text))
    debt = bool(ban.get("debt")) and bool(_DEBT.search(text))
    return demands or debt or ("words" in ban and bool(re.search(ban["words"], text)))


def _is_about(entry: Mapping[str, Any], label: str) -> bool:
    return bool(re.search(entry["when"], label))


def _share(holds: Iterable[bool]) -> float | None:
    listed = list(holds)
    return sum(listed) / len(listed) if listed else None


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))
