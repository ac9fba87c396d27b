"""What stands in the header, by role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from compliance import rights
from web.state import state


@dataclass(frozen=True, slots=True)
class Entry:
    endpoint: str
    label: LazyString
    icon: str
    roles: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether the present page belongs to this entry: itself, or named by ``PARENTS``."""
        return PARENTS.get(request.endpoint or "", request.endpoint) == self.endpoint


ENTRIES = (
    Entry("collector.cases", _l("我的案件"), "list", ("collector",)),
    Entry("calls.mine", _l("通话"), "phone", ("collector",)),
    Entry("officer.queue", _l("复核台"), "inbox", ("officer",)),
    Entry("officer.appeals", _l("申诉"), "gavel", ("officer",)),
    Entry("officer.samples", _l("抽样"), "eye", ("officer",)),
    Entry("officer.requests", _l("权利请求"), "flag", ("officer",)),
    Entry("plans.index", _l("分期协议"), "list", ("officer",)),
    Entry("officer.undelivered", _l("未送达"), "alert-triangle", ("officer",)),
    Entry("officer.decided", _l("已决"), "history", ("officer",)),
    Entry("library.index", _l("话术库"), "book", ("trainer",)),
    Entry("practice.index", _l("练习"), "wand", ("collector", "trainer")),
    Entry("admin.users", _l("用户"), "users", ("admin",)),
    Entry("officer.ledger_entries", _l("台账"), "link", ("officer", "admin")),
)
PARENTS = {
    "collector.case": "collector.cases",
    "calls.page": "calls.mine",
    "calls.wrap": "calls.mine",
    "calls.pop": "calls.mine",
    "practice.exercise": "practice.index",
    "practice.answer": "practice.index",
    "officer.item": "officer.queue",
    "officer.request_received": "officer.requests",
    "officer.own": "officer.requests",
    "officer.appeal": "officer.appeals",
    "officer.sample": "officer.samples",
    "officer.answer": "officer.requests",
    "officer.extend_period": "officer.requests",
    "plans.new": "plans.index",
    "plans.propose": "plans.index",
    "plans.plan": "plans.index",
    "plans.agree": "plans.index",
    "plans.move": "plans.index",
    "officer.verify_ledger": "officer.ledger_entries",
    "officer.why": "officer.ledger_entries",
    "officer.retention": "officer.ledger_entries",
}


def urgent(entry: Entry) -> int:
    """What stands beside an entry: open requests that are due soon or overdue and wait for this officer."""
    if entry.endpoint != "officer.requests":
        return 0
    with state().db.read() as session:
        return rights.count_urgent(session, current_user.name, state().clock())


def navigation() -> list[Entry]:
    """The entries of the user's role."""
    desks = current_app.view_functions
    return [entry for entry in ENTRIES if current_user.role in entry.roles and entry.endpoint in desks]
