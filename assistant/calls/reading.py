"""From rows to what a call is folded from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.models import Call, CallRight, CallTick, CallTurn, SuggestionUse
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, CallState, fold, with_ticks
from assistant.intents import Heard
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.database import table_of
from compliance.gate.models import Outreach
from compliance.gate.record import restore_finding, store_finding, stored_findings
from compliance.judge.hearing import KnownAccount
from compliance.judge.types import InvalidInput, Verdict

PERMITTED = ("permitted", "sending", "sent", "expired")
"""States of a dial that the gate let pass."""


def is_permitted(dial: Outreach) -> bool:
    """Whether the gate let a dial pass: one that it refused may have been made all the same, and has no permit."""
    return dial.state in PERMITTED and dial.permit is not None


@dataclass(frozen=True, slots=True)
class CallCase:
    """The rows that a call is about. Relationships are not loaded."""

    call: Call
    debtor: Debtor
    account: Account | None
    creditor: Creditor | None
    point: ContactPoint
    dial: Outreach | None

    @property
    def permitted(self) -> bool:
        """Whether the gate let the dial pass. Who rings us needs no permit."""
        return self.call.direction == "in" or (self.dial is not None and is_permitted(self.dial))

    @property
    def facts(self) -> CallFacts:
        """What the fold must know."""
        standing = stored_findings(self.dial, None) if self.dial is not None and not self.permitted else ()
        return CallFacts(self.known_account, self.point.relation, standing)

    @property
    def known_account(self) -> KnownAccount | None:
        if self.account is None:
            return None
        creditor = self.creditor.name if self.creditor else None
        account = self.account
        return KnownAccount(creditor, account.principal, account.interest, account.fees, account.due_date)


def lock_call(session: Session, ref: str) -> Call:
    """The call's row, locked until the transaction ends, as it is now. Raises ``InvalidInput`` (``not_found``)."""
    statement = select(Call).where(Call.ref == ref).with_for_update().execution_options(populate_existing=True)
    call = session.scalar(statement)
    if call is None:
        raise _unknown()
    return call


def _unknown() -> InvalidInput:
    return InvalidInput("没有这通通话 / there is no such call", code="not_found", field="id")


_CASE = (
    select(Call, Debtor, ContactPoint, Account, Creditor, Outreach)
    .join(Debtor, Debtor.id == Call.debtor_id)
    .join(ContactPoint, ContactPoint.id == Call.contact_point_id)
    .outerjoin(Account, Account.id == Call.account_id)
    .outerjoin(Creditor, Creditor.id == Account.creditor_id)
    .outerjoin(Outreach, Outreach.id == Call.outreach_id)
    .where(Call.ref == bindparam("ref"))
)


def load_case(session: Session, ref: str) -> CallCase:
    """The call with debtor, account, creditor, number and dial. Raises ``InvalidInput`` (``not_found``)."""
    row = session.execute(_CASE, {"ref": ref}).one_or_none()
    if row is None:
        raise _unknown()
    call, debtor, point, account, creditor, dial = row
    return CallCase(call, debtor, account, creditor, point, dial)


@dataclass(frozen=True, slots=True)
class NotedRight:
    """A right of the call; ``request_ref`` where it is recorded."""

    type: str
    request_ref: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in the rows of a call at one of its revisions: every change of them is a new one."""

    turns: tuple[Spoken, ...]
    ticks: Mapping[str, bool]
    """Items ticked or unticked by hand."""
    uses: frozenset[int]
    """Script versions that were taken."""
    rights: Mapping[str, NotedRight]
    """By type."""


_TURNS = (
    select(*(column for column in table_of(CallTurn).c if column.name not in ("id", "call_id", "source_key")))
    .where(CallTurn.call_id == bindparam("call"), CallTurn.revision <= bindparam("until"))
    .order_by(CallTurn.seq)
)
_TICKS = select(CallTick.item, CallTick.ticked).where(CallTick.call_id == bindparam("call"))
_USES = select(SuggestionUse.script_version_id).where(SuggestionUse.call_id == bindparam("call"))
_RIGHTS = select(CallRight.type, CallRight.request_ref).where(CallRight.call_id == bindparam("call"))


def load_turns(session: Session, call: Call, until: int) -> tuple[Spoken, ...]:
    """The turns that were there at a revision, by number."""
    return tuple(spoken(row) for row in session.execute(_TURNS, {"call": call.id, "until": until}))


def read_kept(session: Session, desk: Desk, call: Call) -> Kept:
    """The rows of a call as of the revision that ``call`` has, read once for each."""

    def find() -> Kept:
        known = {"call": call.id}
        return Kept(
            turns=load_turns(session, call, call.revision),
            ticks={row.item: row.ticked for row in session.execute(_TICKS, known)},
            uses=frozenset(session.scalars(_USES, known)),
            rights={row.type: NotedRight(row.type, row.request_ref) for row in session.execute(_RIGHTS, known)},
        )

    return desk.states.recall(("kept", call.ref, call.revision), find)


def read_state(session: Session, desk: Desk, case: CallCase, until: int | None = None) -> CallState:
    """The state of a call as it is stored; ``until`` a revision, as it was then, with the ticks of today."""
    call, facts, kept = case.call, case.facts, read_kept(session, desk, case.call)
    revision = call.revision if until is None else until

    def find() -> CallState:
        turns = kept.turns if revision == call.revision else load_turns(session, call, revision)
        return fold(turns, facts, {}, desk.talk, desk.listen)

    return with_ticks(desk.states.recall(("state", call.ref, revision, facts), find), kept.ticks)


def spoken(row: CallTurn | Row[Any]) -> Spoken:
    """A row as the fold reads it."""
    instead = row.verdict.get("instead", [])
    findings = [restore_finding(stored) for stored in row.verdict.get("findings", [])]
    return Spoken(
        seq=row.seq,
        revision=row.revision,
        speaker=row.speaker,
        text=row.text or "",
        at=row.at,
        final=row.final,
        audience=row.audience,
        findings=tuple(replace(one, instead=words) for one, words in zip(findings, instead, strict=True)),
        reworded=row.verdict.get("suggestion"),
        heard=Heard(tuple((name, score) for name, score in row.intents), _slots(row.slots)),
    )


def store_judgement(verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is kept with its turn; it repeats words of the turn, and is erased with them."""
    return {
        "decision": verdict.decision.value,
        "findings": [store_finding(finding) for finding in verdict.findings],
        "instead": [finding.instead for finding in verdict.findings],
        "suggestion": verdict.suggestion,
        "digest": verdict.digest,
    }


def _slots(stored: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in stored.items()}
