"""What an agreement on paying by instalments must say and how long it may last (CN-PLAN-01/02/09).

Contents, months, dates and citations are the pack's (``[plan.*]`` of ``contact.toml``). What is missing is told field
by field, so that whoever writes one sees it where it is missing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from compliance.judge.citing import cite_articles
from compliance.judge.contact.policy import Policy, Value
from compliance.judge.types import Citation

KINDS = ("individual", "instalment", "other")
"""A plan made for this debtor, who cannot pay a credit card off; an ordinary instalment plan of a credit card; a plan
for any other product, to which the same is applied as house policy."""
CONTENTS: Mapping[str, tuple[str, ...]] = {
    "balance": ("principal", "interest", "fees", "currency"),
    "schedule": ("instalments", "cycle_months", "first_due", "amount", "method"),
    "charges": ("charged",),
    "no_new_card": ("no_new_card",),
    "duties": ("duties",),
    "other": ("other",),
}
"""The six kinds of content, and the fields that state each."""
NAMES: Mapping[str, str] = {
    "principal": "本金", "interest": "利息", "fees": "费用", "currency": "币种", "instalments": "期数",
    "cycle_months": "还款周期", "first_due": "首期还款日", "amount": "每期金额", "method": "还款方式",
    "charged": "还款期间是否计收年费、利息和其他费用", "charges": "计收的项目和标准",
    "no_new_card": "结清前不申领新信用卡的承诺", "duties": "双方的权利义务和违约责任", "other": "与还款有关的其他事项",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan says; ``None`` is what it does not say. Amounts in ``currency``, at most two places."""

    kind: str
    principal: Decimal | None = None
    interest: Decimal | None = None
    fees: Decimal | None = None
    currency: str | None = None
    instalments: int | None = None
    cycle_months: int | None = None
    """Months from one instalment to the next."""
    first_due: date | None = None
    amount: Decimal | None = None
    """Of each instalment."""
    method: str | None = None
    """How it is paid, for instance by debit from which account of the debtor."""
    charged: bool | None = None
    """Whether annual fees, interest or other fees run while the plan is kept."""
    no_new_card: bool | None = None
    """The promise to apply for no new credit card until everything is paid."""
    duties: str | None = None
    other: str | None = None
    """Anything else about repayment; where there is nothing, that is what it says."""
    charges: str | None = None
    """Which, and at what rate, where they run."""
    last_amount: Decimal | None = None
    """Of the last instalment, where it differs."""

    @property
    def last_due(self) -> date | None:
        if self.first_due is None or not self.instalments or not self.cycle_months:
            return None
        return add_months(self.first_due, (self.instalments - 1) * self.cycle_months)

    @property
    def total(self) -> Decimal | None:
        """All instalments together."""
        if self.amount is None or not self.instalments:
            return None
        last = self.amount if self.last_amount is None else self.last_amount
        return self.amount * (self.instalments - 1) + last


@dataclass(frozen=True, slots=True)
class PlanFault:
    """Why there can be no such plan: the field, a sentence, and the law or house policy that says so."""

    field: str
    why: str
    rule: str
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class PlanSpec:
    """The parameters that the values of a rule about plans must have, the numbers that its reason may name."""

    params: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


_TERM = PlanSpec({"months": "count"}, frozenset({"months", "asked", "last"}))
_CONTENT = PlanSpec({"contents": "contents"}, frozenset({"missing"}))
PLAN_SPECS: Mapping[str, PlanSpec] = {
    f"{kind}_{what}": spec for kind in KINDS for what, spec in (("content", _CONTENT), ("term", _TERM))
}


def judge_plan(terms: PlanTerms, day: date, policy: Policy) -> tuple[PlanFault, ...]:
    """Everything that keeps this from being a plan under the rules of ``day``, the debtor's local one on which it
    begins; nothing where it is one."""
    return tuple(_faults(terms, day, policy))


def _faults(terms: PlanTerms, day: date, policy: Policy) -> Iterator[PlanFault]:
    for what in ("content", "term"):
        rule = policy.plan[f"{terms.kind}_{what}"]
        value = rule.at(day)
        if value is None:
            why = policy.missing.format(rule=rule.id, day=day)
            yield PlanFault("kind", why, rule.id, ())
            continue
        told = _missing(terms, value) if what == "content" else _too_long(terms, value, day)
        for name, numbers in told:
            why = _cited(rule.why.format(**numbers), value, policy)
            yield PlanFault(name, why, rule.id, value.cites)


def _missing(terms: PlanTerms, value: Value) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The fields that say nothing. That a promise is not made is the same as not saying it."""
    for content in value.params["contents"]:
        for name in CONTENTS[content]:
            said = getattr(terms, name)
            if said is None or (isinstance(said, str) and not said.strip()) or (name == "no_new_card" and not said):
                yield name, {"missing": NAMES[name]}
        if content == "charges" and terms.charged and not (terms.charges or "").strip():
            yield "charges", {"missing": NAMES["charges"]}


def _too_long(terms: PlanTerms, value: Value, day: date) -> Iterator[tuple[str, Mapping[str, object]]]:
    """More months than may be, counted by instalments or from ``day`` to the last of them, whichever is longer."""
    last, months = terms.last_due, value.params["months"]
    if last is None:
        return
    asked = (terms.instalments or 0) * (terms.cycle_months or 0)
    if asked > months or last > add_months(day, months):
        yield "instalments", {"months": months, "asked": asked, "last": last}


def _cited(why: str, value: Value, policy: Policy) -> str:
    """The sentence with where it says so. House policy is never shown as law."""
    if value.house:
        return policy.house_prefix + why
    return f"{why}（{'；'.join(cite_articles(cite.source, cite.article) for cite in value.cites)}）"


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a month that is shorter; never after the last year."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = min(day.year + years, date.max.year), month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
