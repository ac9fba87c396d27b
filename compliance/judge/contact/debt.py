"""How old the debt is: not yet overdue, or so old that the debtor may refuse to pay."""

from __future__ import annotations

from datetime import timedelta

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment, years_after
from compliance.judge.contact.policy import Value


def check_not_overdue(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """Until the days of grace are over the debtor counts as paying in time (CN-PLAN-08); a text may remind (CN-LTR-02),
    a call or a visit would collect what is not overdue."""
    due = case.facts.due_date
    if due is None or case.channel not in value.params["channels"]:
        return None
    grace = due + timedelta(days=value.params["days"])
    return {"due": due.isoformat(), "grace": grace.isoformat()} if moment.day <= grace else None


def check_limitation(case: Case, moment: Moment, value: Value) -> Numbers | None:
    """The years are over in which a court helps, unless they began anew (CN-RIGHT-05): that is not known here."""
    due, years = case.facts.due_date, value.params["years"]
    if due is None or moment.day < years_after(due, years):
        return None
    return {"due": due.isoformat(), "years": years}
