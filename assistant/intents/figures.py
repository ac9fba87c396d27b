"""How well intents are heard, against labelled utterances (``corpus/GUIDE.md``).

Figures are fractions of 1; precision of nothing found and recall of nothing to find are ``None``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.intents.hearing import Understood, understand
from assistant.intents.reader import INTENTS
from assistant.intents.training import Case, case_of
from compliance.judge.evaluation import Score, count_score, score_line
from compliance.judge.types import InvalidInput

TOP = 3
MOST_CONFUSED = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled utterance and what was heard."""

    case: Case
    meant: tuple[str, ...]
    ranked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """The figures of one run."""

    heard: tuple[Heard, ...]

    @property
    def first(self) -> float:
        """Share of the utterances whose most important intent is ranked first."""
        return self._share(lambda one: one.ranked[0] == one.case.intents[0])

    @property
    def top(self) -> float:
        """The same, within the first three."""
        return self._share(lambda one: one.case.intents[0] in one.ranked[:TOP])

    @property
    def fitting(self) -> float:
        """Share of the utterances of which the intent ranked first is one of those labelled."""
        return self._share(lambda one: one.ranked[0] in one.case.intents)

    def _share(self, holds: Callable[[Heard], bool]) -> float:
        return sum(map(holds, self.heard)) / len(self.heard)

    def of_intent(self, intent: str) -> Score:
        """Utterances of which an intent is one."""
        return count_score((intent in one.case.intents, intent in one.meant) for one in self.heard)

    @property
    def micro(self) -> Score:
        """All intents together."""
        scores = [self.of_intent(intent) for intent in INTENTS]
        return Score(*(sum(getattr(score, name) for score in scores) for name in ("true", "false", "missed")))

    @property
    def confused(self) -> Counter[tuple[str, str]]:
        """(most important by label, ranked first) → number, where they differ."""
        pairs = ((one.case.intents[0], one.ranked[0]) for one in self.heard)
        return Counter((label, given) for label, given in pairs if label != given)

    @property
    def by_kind(self) -> dict[str, tuple[float, int]]:
        """Kind of difficulty → share with the right first intent, and number of utterances."""
        kinds = sorted({one.case.hard or "plain" for one in self.heard})
        chosen = {kind: [one for one in self.heard if (one.case.hard or "plain") == kind] for kind in kinds}
        return {kind: (IntentFigures(tuple(part)).first, len(part)) for kind, part in chosen.items()}

    def to_dict(self) -> dict[str, Any]:
        """Everything above, ready for JSON."""
        return {
            "utterances": len(self.heard),
            "first": self.first,
            "top_three": self.top,
            "fitting": self.fitting,
            "intents": {intent: self.of_intent(intent).to_dict() for intent in INTENTS},
            "micro": self.micro.to_dict(),
            "hard": {kind: {"first": share, "cases": number} for kind, (share, number) in self.by_kind.items()},
            "confused": {f"{label}→{given}": number for (label, given), number in self.confused.most_common()},
        }

    def summary(self) -> str:
        """The figures that count, in one line."""
        risk = self.of_intent("self_harm")
        precision = "-" if risk.precision is None else f"{risk.precision:.3f}"
        recall = "-" if risk.recall is None else f"{risk.recall:.3f}"
        return (
            f"{len(self.heard)} utterances: first intent {self.first:.3f}, within three {self.top:.3f}, "
            f"first is one of the labels {self.fitting:.3f}; self_harm recall {recall} precision {precision}"
        )

    def as_table(self) -> str:
        """The figures as plain text for a terminal."""
        lines = [
            self.summary(),
            "",
            f"{'':24}{'precision':>10}{'recall':>10}{'F1':>10}{'true':>7}{'false':>7}{'missed':>7}",
        ]
        lines.extend(score_line(intent, self.of_intent(intent)) for intent in INTENTS)
        lines.extend((score_line("all intents (micro)", self.micro), ""))
        lines.extend(f"{kind:24}{share:10.3f}   of {number}" for kind, (share, number) in self.by_kind.items())
        lines.append("")
        pairs = self.confused.most_common(MOST_CONFUSED)
        lines.extend(f"{label:>20} → {given:20}{number:4}" for (label, given), number in pairs)
        return "\n".join(lines)


def evaluate_utterances(
    rows: Iterable[Mapping[str, Any]], hear: Callable[[str], Understood] = understand
) -> IntentFigures:
    """Hear labelled rows and compare.

    Raises:
        InvalidInput: no rows, or a row without a text or with an unknown intent or none.
    """
    return measure((case_of(row, "") for row in rows), hear)


def measure(cases: Iterable[Case], hear: Callable[[str], Understood] = understand) -> IntentFigures:
    """The same for cases. Raises ``InvalidInput`` where there are none."""
    heard = tuple(_compare(case, hear(case.text)) for case in cases)
    if not heard:
        raise InvalidInput("there is nothing to evaluate", code="empty")
    return IntentFigures(heard)


def _compare(case: Case, found: Understood) -> Heard:
    return Heard(case, found.meant, tuple(name for name, _ in found.ranked))
