"""How well whole calls are heard and judged, against labelled calls (``corpus/conversations-README.md``).

Figures are fractions of 1; precision of nothing found and recall of nothing to find are ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.judge.conversation import check_conversation
from compliance.judge.evaluation import Score, count_score, reading_call, score_line
from compliance.judge.hearing import KnownAccount, Turn, hear
from compliance.judge.talk import load_talk
from compliance.judge.types import Decision, InvalidInput, strictest
from compliance.judge.verdict import Judge

Meaning = Callable[[str, str], tuple[str, ...]]
"""Words and their speaker → the intents that they count as."""


@dataclass(frozen=True, slots=True)
class JudgedCall:
    """What a labelled call should give and what it gave."""

    id: str
    items: tuple[str, ...]
    """All items that there are, in the order of the pack."""
    says: Mapping[int, frozenset[str]]
    """Number of a collector turn → the items it should carry; ``heard`` those that were heard in it."""
    heard: Mapping[int, frozenset[str]]
    missing: frozenset[str]
    found_missing: frozenset[str]
    decisions: Mapping[int, Decision]
    given: Mapping[int, Decision]


@dataclass(frozen=True, slots=True)
class ConversationEvaluation:
    """The figures of one run."""

    calls: tuple[JudgedCall, ...]

    @property
    def items(self) -> tuple[str, ...]:
        return self.calls[0].items

    def says(self, item: str) -> Score:
        """Turns that carry an item."""
        return count_score(
            (item in said, item in call.heard[seq]) for call in self.calls for seq, said in call.says.items()
        )

    def missing(self, item: str) -> Score:
        """Calls in which an item should have been said and was not."""
        return count_score((item in call.missing, item in call.found_missing) for call in self.calls)

    def all_items(self, of: Callable[[str], Score]) -> Score:
        """Micro average over the items."""
        scores = [of(item) for item in self.items]
        return Score(*(sum(getattr(score, name) for score in scores) for name in ("true", "false", "missed")))

    @property
    def missing_exact(self) -> float:
        """Share of the calls whose list of missing items is exactly right."""
        return sum(call.missing == call.found_missing for call in self.calls) / len(self.calls)

    @property
    def turn_accuracy(self) -> float:
        """Share of the collector turns with the right one of allow, review and block."""
        pairs = [(call.decisions[seq], call.given[seq]) for call in self.calls for seq in call.decisions]
        return sum(label is given for label, given in pairs) / len(pairs)

    def of_decision(self, decision: Decision) -> Score:
        """Collector turns with a decision."""
        return count_score(
            (label is decision, call.given[seq] is decision)
            for call in self.calls
            for seq, label in call.decisions.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything above, ready for JSON."""
        return {
            "calls": len(self.calls),
            "turns": sum(len(call.decisions) for call in self.calls),
            "turn_accuracy": self.turn_accuracy,
            "decisions": {decision.value: self.of_decision(decision).to_dict() for decision in Decision},
            "says": {item: self.says(item).to_dict() for item in self.items},
            "says_micro": self.all_items(self.says).to_dict(),
            "missing": {item: self.missing(item).to_dict() for item in self.items},
            "missing_micro": self.all_items(self.missing).to_dict(),
            "missing_exact": self.missing_exact,
        }

    def as_table(self) -> str:
        """The figures as plain text for a terminal."""
        head = f"{'':24}{'precision':>10}{'recall':>10}{'F1':>10}{'true':>7}{'false':>7}{'missed':>7}"
        lines = [f"calls {len(self.calls)}   collector turns right {self.turn_accuracy:.3f}", "", head]
        lines.extend(score_line(decision.value, self.of_decision(decision)) for decision in Decision)
        for name, of in (("says", self.says), ("missing", self.missing)):
            lines.append("")
            lines.extend(score_line(f"{name} {item}", of(item)) for item in self.items)
            lines.append(score_line(f"{name}, all items (micro)", self.all_items(of)))
        return "\n".join([*lines, "", f"missing exactly right {self.missing_exact:.3f} of the calls"])


def _unheard(text: str, speaker: str) -> tuple[str, ...]:
    """Phrases are looked for in any case."""
    return ()


def evaluate_conversations(
    rows: Iterable[Mapping[str, Any]], judge: Judge, meaning: Meaning = _unheard
) -> ConversationEvaluation:
    """Hear and judge labelled calls and compare. ``meaning`` hears what the others mean, as in a live call.

    Raises:
        InvalidInput: no rows, or a call that cannot be read; names the call.
    """
    calls = tuple(_judge_call(row, judge, meaning) for row in rows)
    if not calls:
        raise InvalidInput("there is nothing to evaluate", code="empty")
    return ConversationEvaluation(calls)


def _judge_call(row: Mapping[str, Any], judge: Judge, meaning: Meaning) -> JudgedCall:
    name = str(row.get("id", ""))
    with reading_call(row):
        spoken = [(int(turn["seq"]), str(turn["speaker"]), str(turn["text"])) for turn in row["turns"]]
        turns = [Turn(seq, speaker, text, meaning(text, speaker)) for seq, speaker, text in spoken]
        labelled = [turn for turn in row["turns"] if turn["speaker"] == "collector"]
        decisions = {int(turn["seq"]): Decision(turn["decision"]) for turn in labelled}
        says = {int(turn["seq"]): frozenset(turn["says"]) for turn in labelled}
        account = _account(row.get("account"))
        missing = frozenset(row["missing"])
    call = hear(turns, account, load_talk(judge.pack))
    findings = check_conversation(turns, account, judge)
    return JudgedCall(
        id=name,
        items=tuple(item.id for item in call.talk.items),
        says=says,
        heard={said.turn.seq: frozenset(said.items) for said in call.collector},
        missing=missing,
        found_missing=frozenset(call.missing),
        decisions=decisions,
        given={seq: strictest([found.decision for found in findings if found.turn == seq]) for seq in decisions},
    )


def _account(raw: Mapping[str, Any] | None) -> KnownAccount | None:
    if raw is None:
        return None
    parts = {name: None if raw.get(name) is None else Decimal(str(raw[name])) for name in _PARTS}
    due = date.fromisoformat(raw["due_date"]) if raw.get("due_date") else None
    return KnownAccount(creditor=raw.get("creditor"), due=due, **parts)


_PARTS = ("principal", "interest", "fees")
