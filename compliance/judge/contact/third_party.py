"""Whom: people who do not owe are left alone unless the debtor is lost, agreed to in advance, and never refused."""

from __future__ import annotations

from bisect import bisect_right

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment
from compliance.judge.contact.lost import Silence, find_silence
from compliance.judge.contact.policy import Value
from compliance.judge.facts import RELATIONS


def check_unknown_relation(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows whose number this is."""
    return {} if case.relation not in RELATIONS else None


def check_liable_evidence(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Somebody is said to be liable, and nothing shows it."""
    shown = (case.facts.contact_point.liable_evidence or "").strip()
    return {} if case.relation == "liable_third_party" and not shown else None


def check_third_party(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Somebody who does not owe, while the debtor is not lost. Where the debtor has died or is not capable, the
    people who act for the debtor may be looked for (CN-TP-05).
    """
    if not case.is_third_party or case.facts.paying or set(value.params["waived_by"]) & set(case.facts.vulnerable):
        return None
    silence = _silence(case, moment, value)
    if silence.lost_from is not None and moment.day >= silence.lost_from:
        return None
    return {
        "failed": silence.failed, "days": silence.days,
        "dials_needed": value.params["dials"], "days_needed": value.params["days"],
    }  # fmt: skip


def check_third_party_relay(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Whatever else holds, a third party may only be asked for the debtor's number or to pass word on."""
    return {} if case.is_third_party and not case.facts.paying else None


def check_third_party_pays(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Somebody who does not owe is told what is needed to pay, as they offered: somebody looks at it first."""
    return {} if case.is_third_party and case.facts.paying else None


def check_third_party_refused(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """This person asked not to be contacted: for ever."""
    refused_at = case.facts.contact_point.refused_at
    if not case.is_third_party or refused_at is None:
        return None
    return {"day": refused_at.astimezone(case.zone).date().isoformat()}


def check_third_party_not_agreed(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Not one of the people whom the debtor named in advance."""
    agreed = case.facts.contact_point.agreed_contact
    return {} if case.is_third_party and agreed is False and not case.facts.paying else None


def check_unknown_third_party_agreement(case: Case, _moment: Moment, _value: Value) -> Numbers | None:
    """Nobody knows whether the debtor named this person in advance."""
    agreed = case.facts.contact_point.agreed_contact
    return {} if case.is_third_party and agreed is None and not case.facts.paying else None


def _silence(case: Case, moment: Moment, value: Value) -> Silence:
    facts = case.facts
    # Only what is planned for later can change the answer while the moments go by.
    begun = bisect_right(case.planned, moment.at)
    if begun not in case.silences:
        case.silences[begun] = find_silence(facts.attempts, facts.requests, moment.at, case.zone, value)
    return case.silences[begun]
