"""How a visit was carried out, by the sheet that those who went fill in: what of it an officer has to look at.

A sheet tells of what has happened: a breach goes to an officer, and stops nothing by itself. Thresholds, lists and
citations are the pack's (``[visit.*]`` of ``contact.toml``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from compliance.judge.contact.policy import Policy, Value
from compliance.judge.types import Finding

DOCUMENTS = ("identity", "authority", "papers")
"""What is shown at the door: identity cards, the authority to collect, the papers of the loan."""
OUTCOMES = ("visited", "no_answer", "refused", "third_party", "wrong_number")
"""What may come of a visit that was made."""
Numbers = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """What those who went write down. Instants are aware."""

    people: tuple[str, ...]
    """Everybody who came, by name or staff number."""
    shown: tuple[str, ...]
    """Of ``DOCUMENTS``, those that were shown without being asked for."""
    arrived_at: datetime
    left_at: datetime
    outcome: str
    course: str
    """What happened, in words."""
    entered: bool = False
    consent: str | None = None
    """Who let them in, and how; ``None`` where nobody did."""
    filmed_inside: bool = False
    dress_checked: bool = False
    """Nothing that they wore could be taken for a uniform."""
    asked_to_leave_at: datetime | None = None
    recording: str | None = None
    """Id of the sound or video recording of the whole visit."""
    no_recording: str | None = None
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class VisitSpec:
    """A check, the parameters that its values must have, the numbers that its reason may name."""

    check: Callable[[VisitSheet, Value], Numbers | None]
    params: Mapping[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()


def judge_visit(sheet: VisitSheet, day: date, policy: Policy) -> tuple[Finding, ...]:
    """What an officer has to look at, under the rules of ``day``: the debtor's local one on which they arrived."""
    findings = []
    for name, spec in VISIT_SPECS.items():
        rule = policy.visit[name]
        value = rule.at(day)
        numbers = None if value is None else spec.check(sheet, value)
        if value is None or numbers is None:
            continue
        why = rule.why.format(**numbers)
        findings.append(
            Finding(
                rule=rule.id,
                category=rule.category,
                decision=value.decision,
                why=policy.house_prefix + why if value.house else why,
                cites=value.cites,
                source="contact",
            )
        )
    return tuple(findings)


def check_people(sheet: VisitSheet, value: Value) -> Numbers | None:
    """Too few or too many came (CN-VISIT-01/02). The same name twice is one person."""
    people, least, most = len(set(sheet.people)), value.params["least"], value.params["most"]
    return None if least <= people <= most else {"people": people, "least": least, "most": most}


def check_documents(sheet: VisitSheet, value: Value) -> Numbers | None:
    """Somebody was met, and was not shown everything (CN-VISIT-03)."""
    names = {"identity": "身份证件", "authority": "授权文件", "papers": "借款资料"}
    missing = [names.get(one, one) for one in value.params["required"] if one not in sheet.shown]
    return {"missing": "、".join(missing)} if missing and sheet.outcome in value.params["met"] else None


def check_entry(sheet: VisitSheet, _value: Value) -> Numbers | None:
    """They went in, and nobody let them in (CN-VISIT-04)."""
    return {} if sheet.entered and sheet.consent is None else None


def check_filming(sheet: VisitSheet, _value: Value) -> Numbers | None:
    """They took pictures inside (CN-VISIT-04)."""
    return {} if sheet.filmed_inside else None


def check_recording(sheet: VisitSheet, _value: Value) -> Numbers | None:
    """The visit was not recorded from beginning to end (CN-VISIT-06)."""
    return {} if sheet.recording is None else None


def check_dress(sheet: VisitSheet, _value: Value) -> Numbers | None:
    """Nobody made sure that what they wore could not be taken for a uniform (CN-VISIT-07)."""
    return None if sheet.dress_checked else {}


def check_stayed(sheet: VisitSheet, value: Value) -> Numbers | None:
    """They were asked to leave, and stayed (CN-VISIT-09)."""
    asked = sheet.asked_to_leave_at
    if asked is None or sheet.left_at - asked <= timedelta(minutes=value.params["minutes"]):
        return None
    return {"stayed": int((sheet.left_at - asked).total_seconds() // 60), "minutes": value.params["minutes"]}


def _spec(check: Callable[[VisitSheet, Value], Numbers | None], numbers: str = "", **params: str) -> VisitSpec:
    return VisitSpec(check, params, frozenset(numbers.split()))


VISIT_SPECS: Mapping[str, VisitSpec] = {
    "people": _spec(check_people, "people least most", least="count", most="count"),
    "documents": _spec(check_documents, "missing", required="words", met="outcomes"),
    "entry": _spec(check_entry),
    "filming": _spec(check_filming),
    "recording": _spec(check_recording),
    "dress": _spec(check_dress),
    "stayed": _spec(check_stayed, "stayed minutes", minutes="count"),
}
