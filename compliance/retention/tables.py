"""Every table of the database: kept for good, and why, or what of it is erased when. A test holds this against the
models: a table that is not named here cannot be added.

Tables of rooms above this one are named with their columns: they import this room and not the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, TableClause, column, select, table

from compliance.casebook.models import Account, ContactAgreement, ContactPoint, Debtor
from compliance.database import UtcDateTime, table_of
from compliance.gate.models import Outreach, OutreachText, Review, VisitRecord
from compliance.review.models import Appeal, FindingDecision, Opinion, Sample
from compliance.rights.models import DebtorCode, Inbound, Notice, PaymentOffer, PlanAgreement, RightsRequest
from compliance.sealing import Sealed, SealedJson

ERASED = "（已到期删除）"
"""Stands where words that may not be empty were erased."""
NOW = object()
"""Stands for the instant of erasing."""
CALLS = table(
    "calls",
    column("id", BigInteger),
    column("debtor_id", BigInteger),
    column("started_at", UtcDateTime),
)
TURNS = table(
    "call_turns",
    column("id", BigInteger),
    column("call_id", BigInteger),
    column("text", Sealed("call_turns.text")),
    column("verdict", SealedJson("call_turns.verdict")),
    column("slots", SealedJson("call_turns.slots")),
)


@dataclass(frozen=True, slots=True)
class Goes:
    """What is erased of a table. ``gone``: what stands in a column afterwards; without any, the rows go.

    ``way`` leads to what ages: a column, the table that it names a row of, and the column there; the rows of that table
    are looked for likewise.
    """

    what: str
    """``words`` or ``person``, as in ``retention.toml``."""
    table: TableClause
    gone: Mapping[str, Any] = field(default_factory=dict)
    way: tuple[tuple[str, TableClause, str], ...] = ()


_OUTREACH, _REVIEWS, _SAMPLES = table_of(Outreach), table_of(Review), table_of(Sample)
_OF_OUTREACH = (("outreach_id", _OUTREACH, "id"),)
MADE: Mapping[str, str] = {"outreach": "created_at", "calls": "started_at", "inbound_messages": "at"}
"""What has an age of its own, and the column that says when it was made."""
GOES = (
    Goes("words", table_of(OutreachText), {
        "text": None, "suggestion": None, "instead": [], "inputs": None, "erased_at": NOW,
    }, _OF_OUTREACH),
    Goes("words", table_of(VisitRecord), {"consent": None, "no_recording": None, "recording": None}, _OF_OUTREACH),
    Goes("words", table_of(DebtorCode), {}, (("outreach", _OUTREACH, "client_id"),)),
    Goes("words", _REVIEWS, {"reason": None}, _OF_OUTREACH),
    Goes("words", table_of(FindingDecision), {"reason": ERASED}, (("review_id", _REVIEWS, "id"), *_OF_OUTREACH)),
    Goes("words", table_of(Appeal), {"reason": ERASED, "answer": None}, _OF_OUTREACH),
    Goes("words", table_of(Opinion), {"reason": None}, (("sample_id", _SAMPLES, "id"), *_OF_OUTREACH)),
    Goes("words", TURNS, {"text": None, "verdict": {}, "slots": {}}, (("call_id", CALLS, "id"),)),
    Goes("words", table_of(Inbound), {"masked": ERASED}),
    Goes("person", table_of(Debtor), {"vulnerable": ""}),
    Goes("person", table_of(ContactPoint), {"label": None, "liable_evidence": None, "valid": False}),
    Goes("person", table_of(Account), {"case_no": None}),
    Goes("person", table_of(ContactAgreement), {"evidence": ERASED}),
    Goes("person", table_of(Notice), {"evidence": ERASED, "recording": None}),
    Goes("person", table_of(RightsRequest), {"evidence": ERASED, "answer": ERASED, "wish": None, "recording": None}),
    Goes("person", table_of(PlanAgreement), {
        "method": ERASED, "charges": None, "duties": ERASED, "other": ERASED, "evidence": None, "recording": None,
        "reason": None,
    }),
    Goes("person", table_of(PaymentOffer), {"words": ERASED, "recording": None}),
    Goes("person", _OUTREACH, {"permit": "", "last_error": None, "recording": None}),
)  # fmt: skip
_LEDGER = "只有脱敏文字与摘要；删去任何一条，其后的证明都不成立。"
_STAFF = "员工的登录与设置，不含债务人信息；停用后保留，以便台账里的姓名有据可查。"
_LIBRARY = "话术库与训练内容，不含债务人信息；版本是合规证据。"
_ACT = "只有编号、时间与选项，没有文字；债务人删除后不再指向任何人。"
KEPT: Mapping[str, str] = {
    "creditors": "机构，不是个人。",
    "samples": _ACT,
    "calls": _ACT,
    "call_ticks": _ACT,
    "call_rights": _ACT,
    "suggestion_uses": _ACT,
    "promises": "只有金额与日期；债务人删除后不再指向任何人。",
    "hint_settings": _STAFF,
    "request_reminders": _ACT,
    "rate_counters": "网络地址只存加密哈希，时间窗一过即删。",
    "users": _STAFF,
    "api_tokens": _STAFF,
    "scripts": _LIBRARY,
    "script_versions": _LIBRARY,
    "script_comments": _LIBRARY,
    "script_notices": _LIBRARY,
    "practice_exercises": _LIBRARY,
    "practice_attempts": "学员自己的练习与判断结果，情境是虚构的；是培训记录。",
    "ledger_entries": _LEDGER,
    "ledger_head": _LEDGER,
    "ledger_tree": _LEDGER,
    "ledger_nodes": _LEDGER,
    "ledger_signed_heads": _LEDGER,
    "pack_snapshots": "规则原文，用来重新判断过去的裁决。",
    "settings_snapshots": "当时的设置，不含密钥。",
}
"""Tables that hold nothing to erase, and why."""
STAYS: Mapping[str, str] = {
    "outreach.masked": "脱敏文字，姓名与号码已遮盖；与台账所记相同。",
    "outreach.verdict": "命中的规则与位置，没有原文。",
    "visit_records.people": "上门员工的姓名或工号；是合规证据。",
    "outreach.answer": "结论与状态，没有原文。",
    "call_turns.intents": "意图名称与分数，没有原文。",
}
"""Columns of words or JSON in the tables above that stay when the rest is erased, and why."""


def rows_of(goes: Goes, roots: ColumnElement[bool]) -> ColumnElement[bool]:
    """Which rows of ``goes.table`` hang on the roots that ``roots`` chooses."""
    chosen = roots
    tables = [goes.table, *(parent for _, parent, _ in goes.way)]
    for child, (name, parent, key) in reversed(list(zip(tables, goes.way, strict=False))):
        chosen = child.c[name].in_(select(parent.c[key]).where(chosen))
    return chosen


def root_of(goes: Goes) -> TableClause:
    """The table that ages, or for ``person`` the table itself."""
    return goes.way[-1][1] if goes.way else goes.table
