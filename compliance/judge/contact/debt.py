"""How old the debt is: not yet overdue, or so old that the debtor may refuse to pay."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.judge.contact.case import Case, Numbers
from compliance.judge.contact.days import Moment
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
    if due is None or moment.day < _years_after(due, years):
        return None
    return {"due": due.isoformat(), "years": years}


def _years_after(day: date, years: int) -> date:
    """The same day some years later; of 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
