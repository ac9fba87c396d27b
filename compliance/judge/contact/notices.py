"""What the debtor must have been told before anybody calls."""

from __future__ import annotations

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment
from compliance.judge.contact.policy import Value


def check_outsourcing_notice(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """An outside agency works the account, and the debtor was not told (CN-ID-05)."""
    agency = case.facts.agency
    return {"agency": agency} if agency is not None and not _is_given(case, "outsourcing", moment) else None


def check_assignment_notice(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """The claim was bought, and the debtor was not told (CN-ID-06)."""
    return {} if case.facts.assigned and not _is_given(case, "assignment", moment) else None


def check_notice_evidence(case: Case, moment: Moment, _value: Value) -> Numbers | None:
    """A notice that was owed is on file, and nothing shows that it was given."""
    owed = [("outsourcing", case.facts.agency is not None), ("assignment", case.facts.assigned)]
    unproven = [
        kind
        for kind, is_owed in owed
        if is_owed and _is_given(case, kind, moment) and not _is_given(case, kind, moment, proven=True)
    ]
    names = case.policy.notices
    return {"notices": "、".join(names[kind] for kind in unproven)} if unproven else None


def _is_given(case: Case, kind: str, moment: Moment, *, proven: bool = False) -> bool:
    return any(
        notice.type == kind and notice.at <= moment.at and (not proven or bool((notice.evidence or "").strip()))
        for notice in case.facts.notices
    )
