"""By what right and by whom: where the number came from, whether it is right, who calls and visits."""

from __future__ import annotations

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment, years_after
from compliance.judge.contact.policy import Value

MAY_HAVE_VISITED = ("permitted", "sending", "sent", "expired")
"""States in which somebody had leave to visit. A permit that ran out does not show that nobody went."""


def check_source(case: Case, _moment: Moment, value: Value) -> Numbers | None:
    """The number came from where it may not come from (CN-PII-10)."""
    source = case.facts.contact_point.source
    return {"source": source} if source and source not in value.params["sources"] else None


def check_unknown_source(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows where the number came from."""
    return None if case.facts.contact_point.source else {}


def check_invalid_point(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """The number is known to be wrong or dead: whoever has it now is a stranger."""
    return {} if case.facts.contact_point.valid is False else None


def check_unknown_validity(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows whether the number is right."""
    return {} if case.facts.contact_point.valid is None else None


def check_unknown_creditor(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows for whom the debtor would be contacted, and so whose contacts count."""
    return None if case.facts.creditor else {}


def check_unlisted_agency(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """The agency is not on the creditor's public list (CN-AGENCY-01)."""
    facts = case.facts
    return {"agency": facts.agency} if facts.agency is not None and facts.agency_listed is False else None


def check_unknown_agency_list(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """An agency works the account, and the creditor's public list is not kept here."""
    facts = case.facts
    return {"agency": facts.agency} if facts.agency is not None and facts.agency_listed is None else None


def check_agency_evaluation(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """The agency was evaluated too long ago; the day that ends the period still counts (CN-AGENCY-02)."""
    facts, years = case.facts, value.params["years"]
    last = facts.agency_evaluated
    if facts.agency is None or last is None or moment.day <= years_after(last, years):
        return None
    return {"day": last.isoformat(), "years": years}


def check_agency_never_evaluated(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """An agency without an evaluation has worked for the creditor for longer than it may; the day that ends the period
    still counts (CN-AGENCY-02)."""
    first, years = min(filter(None, case.facts.never_evaluated), default=None), value.params["years"]
    if first is None or moment.day <= years_after(first, years):
        return None
    return {"day": first.isoformat(), "years": years}


def check_unknown_agency_engagement(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows since when an agency without an evaluation has worked for the creditor."""
    return {} if None in case.facts.never_evaluated else None


def check_unregistered_line(case: Case, _moment: Moment, value: Value) -> Numbers | None:
    """The call or the text comes from a number that the creditor has not registered (CN-FORBID-07)."""
    line, lines = case.facts.line, case.facts.lines
    if (
        case.channel not in value.params["channels"]
        or line is None
        or not lines
        or _digits(line) in map(_digits, lines)
    ):
        return None
    return {"line": line}


def check_unknown_line(case: Case, _moment: Moment, value: Value) -> Numbers | None:
    """Registered numbers are kept here, and nobody says which one is used."""
    facts = case.facts
    return {} if case.channel in value.params["channels"] and facts.lines and facts.line is None else None


def _digits(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def check_training(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """The collector's yearly training has run out; its last day still counts (CN-AGENCY-03)."""
    until = case.facts.collector_trained_until
    return {"until": until.isoformat()} if until is not None and moment.day > until else None


def check_unknown_training(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows whether the collector is trained."""
    return {} if case.facts.collector_trained_until is None else None


def check_visitors(case: Case, _moment: Moment, value: Value) -> Numbers | None:
    """Too few or too many people would come (CN-VISIT-01/02)."""
    visitors, least, most = case.facts.visitors, value.params["least"], value.params["most"]
    if case.channel != "visit" or visitors is None or least <= visitors <= most:
        return None
    return {"visitors": visitors, "least": least, "most": most}


def check_unknown_visitors(case: Case, _moment: Moment, value: Value) -> Numbers | None:
    """Nobody knows how many would come."""
    return {"least": value.params["least"]} if case.channel == "visit" and case.facts.visitors is None else None


def check_visit_unrecorded(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """There was leave to visit before, and nobody has written down what came of it, or that nobody went."""
    if case.channel != "visit":
        return None
    owed = [
        attempt.at
        for attempt in case.facts.attempts
        if attempt.channel == "visit"
        and attempt.outcome is None
        and attempt.state in MAY_HAVE_VISITED
        and attempt.at < moment.at
    ]
    return {"day": min(owed).astimezone(case.zone).date().isoformat()} if owed else None
