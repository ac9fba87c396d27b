"""How well whole calls are filed, against labelled calls (``corpus/conversations-README.md``): what the others mean
turn by turn, and outcome, reason and promise of the wrap-up that is drafted. Figures are fractions of 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from assistant.calls.drafting import Draft, draft
from assistant.calls.promising import Promised, find_promise
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, CallState, fold
from assistant.intents import hear
from assistant.intents.figures import Heard as Compared
from assistant.intents.figures import IntentFigures
from assistant.intents.hearing import understand
from assistant.intents.training import case_of
from compliance.judge.evaluation import count_score, reading_call, score_line
from compliance.judge.hearing import KnownAccount
from compliance.judge.talk import Talk
from compliance.judge.types import InvalidInput


@dataclass(frozen=True, slots=True)
class FiledCall:
    """A labelled call and the wrap-up that is drafted for it."""

    id: str
    outcome: str
    reason: str
    promise: Promised | None
    draft: Draft
    promised: Promised | None
    """The day and the sum promised in the call, whatever its outcome; ``None`` where either was left open."""


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """The figures of one run."""

    calls: tuple[FiledCall, ...]
    turns: IntentFigures

    def share(self, holds: Callable[[FiledCall], bool]) -> float:
        """Of all calls."""
        return sum(map(holds, self.calls)) / len(self.calls)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON. A promise is right with its day and its amount."""
        promises = count_score((call.promise is not None, call.promise == call.promised) for call in self.calls)
        return {
            "intents": self.turns.to_dict(),
            "outcome": self.share(lambda call: call.outcome == call.draft.outcome),
            "reason": self.share(lambda call: call.reason == call.draft.reason),
            "promise": self.share(lambda call: call.promise == call.promised),
            "promise_found": promises.to_dict(),
            "promise_day": self.share(lambda call: _day(call.promise) == _day(call.promised)),
        }

    def as_table(self) -> str:
        """The figures as plain text for a terminal, with the calls that are filed otherwise."""
        found = self.to_dict()
        lines = [f"turns of the others: {self.turns.summary()}"]
        lines += [f"{name:24}{found[name]:10.3f}   of {len(self.calls)}" for name in _SHARES]
        named = count_score((call.promise is not None, call.promised is not None) for call in self.calls)
        lines.append(score_line("a promise is there", named))
        lines += [
            f"{call.id}: outcome {call.outcome} → {call.draft.outcome}, reason {call.reason} → {call.draft.reason}"
            for call in self.calls
            if (call.outcome, call.reason) != (call.draft.outcome, call.draft.reason)
        ]
        return "\n".join(lines)


_SHARES = ("outcome", "reason", "promise", "promise_day")


def evaluate_outcomes(rows: Iterable[Mapping[str, Any]], talk: Talk) -> OutcomeFigures:
    """Hear labelled calls, draft their wrap-ups and compare.

    Raises:
        InvalidInput: no rows, or a call that cannot be read; names the call.
    """
    listed = list(rows)
    if not listed:
        raise InvalidInput("there is nothing to evaluate", code="empty")
    filed = [_file_call(row, talk) for row in listed]
    return OutcomeFigures(
        tuple(call for call, _ in filed), IntentFigures(tuple(one for _, heard in filed for one in heard))
    )


def _file_call(row: Mapping[str, Any], talk: Talk) -> tuple[FiledCall, list[Compared]]:
    with reading_call(row):
        today = row_day(row)
        account = known_account(row["account"])
        state = fold(spoken_rows(row), CallFacts(account), {}, talk)
        promised = find_promise(state.finals, today, talk, account.total)
        call = FiledCall(
            id=str(row["id"]),
            outcome=str(row["outcome"]),
            reason=str(row["reason"]),
            promise=_promise(row["promise"]),
            draft=draft(state, today, talk, account.total),
            promised=promised if promised is not None and promised.amount is not None else None,
        )
        return call, list(_compare(row["turns"], state))


def row_day(row: Mapping[str, Any]) -> date:
    """The day of a labelled call. Raises ``KeyError`` or ``ValueError``."""
    return date.fromisoformat(row["account"]["due_date"]) + timedelta(days=int(row["days_past_due"]))


def spoken_rows(row: Mapping[str, Any]) -> list[Spoken]:
    """The turns of a labelled call, each heard by itself. Raises ``KeyError`` or ``ValueError``."""
    today = row_day(row)
    return [_spoken(turn, today) for turn in row["turns"]]


def known_account(raw: Mapping[str, Any]) -> KnownAccount:
    """What the casebook would know. Raises ``KeyError``, ``ValueError`` or ``ArithmeticError``."""
    principal, interest, fees = (Decimal(str(raw[name])) for name in ("principal", "interest", "fees"))
    return KnownAccount(raw["creditor"], principal, interest, fees, date.fromisoformat(raw["due_date"]))


def _compare(turns: Iterable[Mapping[str, Any]], state: CallState) -> Iterator[Compared]:
    """What the others mean by label and as heard in the course of the call. What is not heard there ranks after it,
    as the reader ranks the words alone."""
    heard = {turn.seq: turn for turn in state.turns}
    for turn in turns:
        if turn["speaker"] != "collector":
            meant = heard[int(turn["seq"])].meant
            alone = [intent for intent, _ in understand(turn["text"]).ranked]
            yield Compared(case_of(turn, ""), meant, (*meant, *(intent for intent in alone if intent not in meant)))


def _spoken(turn: Mapping[str, Any], today: date) -> Spoken:
    begun = datetime(today.year, today.month, today.day, tzinfo=UTC)
    return Spoken(
        seq=int(turn["seq"]),
        revision=int(turn["seq"]),
        speaker=turn["speaker"],
        text=turn["text"],
        at=begun + timedelta(seconds=float(turn["t"])),
        heard=hear(turn["text"], turn["speaker"]),
    )


def _promise(raw: Mapping[str, Any] | None) -> Promised | None:
    return None if raw is None else Promised(date.fromisoformat(raw["date"]), Decimal(str(raw["amount"])))


def _day(promise: Promised | None) -> date | None:
    return None if promise is None else promise.due
