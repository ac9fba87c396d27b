"""How well verdicts agree with labels: by decision, by category, by kind of difficulty, and by reader.

Figures are fractions of 1. Precision of nothing found and recall of nothing to find are ``None``, not 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from compliance.judge.types import CATEGORIES, Decision, Finding, InvalidInput, strictest
from compliance.judge.verdict import Judge
from compliance.judge.wire import message_from_dict


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 with the counts they come from."""

    true: int
    false: int
    missed: int

    @property
    def precision(self) -> float | None:
        return self.true / (self.true + self.false) if self.true + self.false else None

    @property
    def recall(self) -> float | None:
        return self.true / (self.true + self.missed) if self.true + self.missed else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.true + self.false + self.missed
        return 2 * self.true / total if total else None

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a case should give and what it gave."""

    id: str
    text: str
    hard: str | None
    decision: Decision
    categories: frozenset[str]
    given: Decision
    given_categories: frozenset[str]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one run."""

    cases: tuple[Labelled, ...]

    @property
    def accuracy(self) -> float:
        """Share of the cases with the right one of allow, review and block."""
        return sum(case.decision is case.given for case in self.cases) / len(self.cases)

    def of_decision(self, decision: Decision) -> Score:
        return count_score((case.decision is decision, case.given is decision) for case in self.cases)

    def of_category(self, category: str) -> Score:
        return count_score((category in case.categories, category in case.given_categories) for case in self.cases)

    @property
    def micro(self) -> Score:
        """All categories together."""
        scores = [self.of_category(category) for category in CATEGORIES]
        return Score(*(sum(getattr(score, name) for score in scores) for name in ("true", "false", "missed")))

    @property
    def confusion(self) -> Counter[tuple[str, str]]:
        """(label, given) → number."""
        return Counter((case.decision.value, case.given.value) for case in self.cases)

    @property
    def by_kind(self) -> dict[str, tuple[float, int]]:
        """Kind of difficulty → three-way accuracy and number of cases."""
        kinds = sorted({case.hard or "plain" for case in self.cases})
        return {kind: self._kind(kind) for kind in kinds}

    def _kind(self, kind: str) -> tuple[float, int]:
        chosen = [case for case in self.cases if (case.hard or "plain") == kind]
        return sum(case.decision is case.given for case in chosen) / len(chosen), len(chosen)

    def to_dict(self) -> dict[str, Any]:
        return {
            "cases": len(self.cases),
            "accuracy": self.accuracy,
            "decisions": {decision.value: self.of_decision(decision).to_dict() for decision in Decision},
            "confusion": {f"{label}→{given}": number for (label, given), number in sorted(self.confusion.items())},
            "categories": {category: self.of_category(category).to_dict() for category in CATEGORIES},
            "micro": self.micro.to_dict(),
            "hard": {kind: {"accuracy": share, "cases": number} for kind, (share, number) in self.by_kind.items()},
        }


def count_score(pairs: Iterable[tuple[bool, bool]]) -> Score:
    """The score of pairs (should be found, was found)."""
    counts = Counter(pairs)
    return Score(counts[True, True], counts[False, True], counts[True, False])


Readings = Callable[[Judge, Mapping[str, Any]], Sequence[Finding]]


@contextmanager
def reading_call(row: Mapping[str, Any]) -> Iterator[None]:
    """A labelled call that cannot be read is named, with what is wrong: raises ``InvalidInput``."""
    try:
        yield
    except KeyError as error:
        problem = f"{error.args[0]!r} is missing"
        raise InvalidInput(f"call {row.get('id')!r} cannot be read: {problem}", field="turns") from error
    except ArithmeticError as error:
        raise InvalidInput(f"call {row.get('id')!r} cannot be read: an amount is no number", field="account") from error
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        problem = f"a value is not of the kind that belongs there ({error})"
        raise InvalidInput(f"call {row.get('id')!r} cannot be read: {problem}", field="turns") from error


def _by_all(judge: Judge, row: Mapping[str, Any]) -> Sequence[Finding]:
    return judge.read(message_from_dict(row))


def _by_rules(judge: Judge, row: Mapping[str, Any]) -> Sequence[Finding]:
    return replace(judge, reader=None).read(message_from_dict(row))


def _by_reader(judge: Judge, row: Mapping[str, Any]) -> Sequence[Finding]:
    return judge.read_alone(message_from_dict(row))


READERS: dict[str, Readings] = {"together": _by_all, "rules": _by_rules, "reader": _by_reader}
"""The ablation: both readers, the rules alone, the learned reader alone."""


def evaluate(rows: Iterable[Mapping[str, Any]], judge: Judge, reader: str = "together") -> Evaluation:
    """Judge labelled rows (``corpus/GUIDE.md``) and compare.

    Raises:
        InvalidInput: no rows, or a row without a label or with an unknown one.
    """
    cases = tuple(_labelled(row, READERS[reader](judge, row)) for row in rows)
    if not cases:
        raise InvalidInput("there is nothing to evaluate", code="empty")
    return Evaluation(cases)


def _labelled(row: Mapping[str, Any], findings: Sequence[Finding]) -> Labelled:
    try:
        decision = Decision(row["decision"])
    except (KeyError, ValueError) as error:
        raise InvalidInput(f"row {row.get('id')!r} has no decision to compare with", field="decision") from error
    categories = row.get("categories") or []
    if not isinstance(categories, list) or not all(one in CATEGORIES for one in categories):
        message = f"row {row.get('id')!r}: categories {categories!r} is no list of {', '.join(CATEGORIES)}"
        raise InvalidInput(message, field="categories")
    found = {finding.category for finding in findings}
    return Labelled(
        id=str(row.get("id", "")),
        text=str(row["text"]),
        hard=row.get("hard"),
        decision=decision,
        categories=frozenset(categories),
        given=strictest([finding.decision for finding in findings]),
        given_categories=frozenset(category for category in CATEGORIES if category in found),
        rules=tuple(finding.rule for finding in findings),
    )


def as_table(evaluation: Evaluation) -> str:
    """The figures as plain text for a terminal."""
    lines = [f"cases {len(evaluation.cases)}   three-way accuracy {evaluation.accuracy:.3f}", ""]
    lines.append(f"{'':24}{'precision':>10}{'recall':>10}{'F1':>10}{'true':>7}{'false':>7}{'missed':>7}")
    lines.extend(score_line(decision.value, evaluation.of_decision(decision)) for decision in Decision)
    lines.append("")
    lines.extend(score_line(category, evaluation.of_category(category)) for category in CATEGORIES)
    lines.append(score_line("all categories (micro)", evaluation.micro))
    lines.append("")
    lines.extend(f"{kind:24}{share:10.3f}   of {number}" for kind, (share, number) in evaluation.by_kind.items())
    lines.append("")
    lines.extend(f"{label:>8} → {given:8}{number:6}" for (label, given), number in sorted(evaluation.confusion.items()))
    return "\n".join(lines)


def score_line(name: str, score: Score) -> str:
    """One row of a table: precision, recall, F1, and the counts they come from."""
    shares = (score.precision, score.recall, score.f1)
    figures = "".join("         -" if value is None else f"{value:10.3f}" for value in shares)
    return f"{name:24}{figures}{score.true:7}{score.false:7}{score.missed:7}"
