"""How far officers agree with the judge and with each other, with the uncertainty that few cases leave."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from math import sqrt

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from compliance.review.models import Appeal, FindingDecision, Opinion, Sample

FEW = 30
"""Below so many cases a share is shown with its interval and without a conclusion."""
_Z = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of``, with Wilson's 95 % interval; all ``None`` where there is no case."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.of:
            return None
        n, p = self.of, self.hits / self.of
        middle, spread = p + _Z**2 / (2 * n), _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        scale = 1 + _Z**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    @property
    def few(self) -> bool:
        return self.of < FEW


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures of the samples of some days, and of all findings and appeals that were decided."""

    with_judge: Share
    """Opinions on allowed outreach that would have allowed it too."""
    between: Share
    """Samples on which two officers said the same."""
    kappa: float | None
    """Cohen's kappa of those pairs, chance taken out; ``None`` for fewer than ``FEW`` or where all say one thing."""
    findings: Share
    """Findings that an officer did not call a false alarm."""
    appeals: Share
    """Appeals that were upheld."""


def measure(session: Session, since: date, until: date) -> Agreement:
    """The figures for samples of the local days from ``since`` to ``until``, both included."""
    rows = session.execute(
        select(Opinion.sample_id, Opinion.officer, Opinion.decision)
        .join(Sample, Sample.id == Opinion.sample_id)
        .where(Sample.day >= since, Sample.day <= until, Opinion.decision.is_not(None))
        .order_by(Opinion.sample_id, Opinion.officer)
    ).all()
    said: dict[int, list[str]] = defaultdict(list)
    for sample_id, _, decision in rows:
        said[sample_id].append(str(decision))
    pairs = [(words[0], words[1]) for words in said.values() if len(words) == 2]
    return Agreement(
        with_judge=Share(sum(decision == "allow" for _, _, decision in rows), len(rows)),
        between=Share(sum(one == other for one, other in pairs), len(pairs)),
        kappa=find_kappa(pairs),
        findings=_findings(session),
        appeals=_appeals(session),
    )


def find_kappa(pairs: list[tuple[str, str]]) -> float | None:
    """Cohen's kappa; ``None`` for fewer than ``FEW`` pairs, or where chance alone would agree always."""
    if len(pairs) < FEW:
        return None
    n = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(first[word] * second[word] for word in first) / n**2
    agreed = sum(one == other for one, other in pairs) / n
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def _findings(session: Session) -> Share:
    counts = _count(session, select(FindingDecision.decision, func.count()).group_by(FindingDecision.decision))
    return Share(counts.total() - counts["false_alarm"], counts.total())


def _appeals(session: Session) -> Share:
    decided = select(Appeal.state, func.count()).where(Appeal.decided_at.is_not(None))
    counts = _count(session, decided.group_by(Appeal.state))
    return Share(counts["upheld"], counts.total())


def _count(session: Session, query: Select[str, int]) -> Counter[str]:
    return Counter({word: number for word, number in session.execute(query)})  # noqa: C416 - rows are no pairs
