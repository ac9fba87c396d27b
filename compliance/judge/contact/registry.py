"""Every rule of the contact policy: its check, the parameters its values must have, the numbers its reason may name.

The pack must have exactly these rules, so that none can be left out by leaving it out of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.judge.contact import data, debt, frequency, hours, notices, rights, third_party, vulnerability
from compliance.judge.contact.case import Check


@dataclass(frozen=True, slots=True)
class Spec:
    """``timed``: waiting may help, or may make it worse; the check is asked again for later moments.
    ``informs``: the pack may let it only inform. Any other rule that only informed would be switched off.
    """

    check: Check
    timed: bool = False
    informs: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    """Name → kind: ``count`` ``clock`` ``channels`` ``outcomes`` ``words``."""
    numbers: frozenset[str] = frozenset()


def _spec(check: Check, numbers: str = "", *, timed: bool = False, informs: bool = False, **params: str) -> Spec:
    return Spec(check, timed, informs, params, frozenset(numbers.split()))


SPECS: Mapping[str, Spec] = {
    "hours": _spec(
        hours.check_hours, "clock open close", timed=True, channels="channels", open="clock", close="clock"
    ),
    "agreed_hours": _spec(hours.check_agreed_hours, "clock open close", timed=True, channels="channels"),
    "agreed_channel": _spec(hours.check_agreed_channel, "channel channels", timed=True),
    "agreement": _spec(hours.check_agreement, "count"),
    "timezone": _spec(hours.check_timezone, "timezone default"),
    "calls": _spec(
        frequency.check_calls, "used limit", timed=True, per_day="count", not_connected="outcomes"
    ),
    "attempts": _spec(frequency.check_attempts, "used limit", timed=True, per_day="count", answered="outcomes"),
    "attempts_near": _spec(
        frequency.check_attempts_near, "used limit next", informs=True,
        per_day="count", warn_at="count", answered="outcomes",
    ),
    "visits": _spec(frequency.check_visits, "used limit", timed=True, per_day="count"),
    "messages_day": _spec(
        frequency.check_messages_day, "used limit", timed=True, per_day="count", channels="channels"
    ),
    "messages_week": _spec(
        frequency.check_messages_week, "used limit", timed=True, per_week="count", channels="channels"
    ),
    "agreed_frequency": _spec(frequency.check_agreed_frequency, "used limit", timed=True),
    "unknown_relation": _spec(third_party.check_unknown_relation),
    "liable_evidence": _spec(third_party.check_liable_evidence),
    "third_party": _spec(
        third_party.check_third_party, "failed days dials_needed days_needed", timed=True,
        dials="count", days="count", failing="outcomes", invalid="outcomes", waived_by="words",
    ),
    "third_party_relay": _spec(third_party.check_third_party_relay),
    "third_party_pays": _spec(third_party.check_third_party_pays),
    "third_party_refused": _spec(third_party.check_third_party_refused, "day"),
    "third_party_not_agreed": _spec(third_party.check_third_party_not_agreed),
    "unknown_third_party_agreement": _spec(third_party.check_unknown_third_party_agreement),
    "outsourcing_notice": _spec(notices.check_outsourcing_notice, "agency"),
    "assignment_notice": _spec(notices.check_assignment_notice),
    "notice_evidence": _spec(notices.check_notice_evidence, "notices"),
    "not_overdue": _spec(debt.check_not_overdue, "due grace", timed=True, days="count", channels="channels"),
    "limitation": _spec(debt.check_limitation, "due years", informs=True, years="count"),
    "settled": _spec(rights.check_settled),
    "plan": _spec(rights.check_plan),
    "unknown_plan": _spec(rights.check_unknown_plan, "what"),
    "bankruptcy": _spec(rights.check_bankruptcy),
    "no_contact_order": _spec(rights.check_no_contact_order),
    "unknown_request": _spec(rights.check_unknown_request, "types"),
    "self_harm": _spec(vulnerability.check_self_harm),
    "deceased": _spec(vulnerability.check_deceased),
    "deceased_others": _spec(vulnerability.check_deceased_others),
    "incapacity": _spec(vulnerability.check_incapacity),
    "minor": _spec(vulnerability.check_minor),
    "hardship_pause": _spec(
        vulnerability.check_hardship_pause, "days begun", timed=True, days="count", flags="words"
    ),
    "hardship_undated": _spec(vulnerability.check_hardship_undated, flags="words"),
    "unknown_flag": _spec(vulnerability.check_unknown_flag, "flags", known="words"),
    "source": _spec(data.check_source, "source", sources="words"),
    "unknown_source": _spec(data.check_unknown_source),
    "invalid_point": _spec(data.check_invalid_point),
    "unknown_validity": _spec(data.check_unknown_validity),
    "unknown_creditor": _spec(data.check_unknown_creditor),
    "unlisted_agency": _spec(data.check_unlisted_agency, "agency"),
    "unknown_agency_list": _spec(data.check_unknown_agency_list, "agency", informs=True),
    "agency_evaluation": _spec(data.check_agency_evaluation, "day years", timed=True, years="count"),
    "agency_never_evaluated": _spec(data.check_agency_never_evaluated, "day years", timed=True, years="count"),
    "unknown_agency_engagement": _spec(data.check_unknown_agency_engagement),
    "unregistered_line": _spec(data.check_unregistered_line, "line", channels="channels"),
    "unknown_line": _spec(data.check_unknown_line, channels="channels"),
    "training": _spec(data.check_training, "until", timed=True),
    "unknown_training": _spec(data.check_unknown_training, informs=True),
    "visitors": _spec(data.check_visitors, "visitors least most", least="count", most="count"),
    "unknown_visitors": _spec(data.check_unknown_visitors, "least", least="count"),
    "visit_unrecorded": _spec(data.check_visit_unrecorded, "day", timed=True),
}  # fmt: skip
FIXED = tuple(name for name, spec in SPECS.items() if not spec.timed)
TIMED = tuple(name for name, spec in SPECS.items() if spec.timed)
