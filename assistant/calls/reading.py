"""From rows to what a call is folded from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from assistant.calls.desk import Desk
from assistant.calls.models import Call, CallRight, CallTick, CallTurn, SuggestionUse
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, CallState, fold, with_ticks
from assistant.intents import Heard
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
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
        return KnownAccount(creditor, self.account.principal, self.account.interest, self.account.fees)


def find_call(session: Session, ref: str) -> Call:
    """A call, not locked. Raises ``InvalidInput`` (``not_found``)."""
    call = session.scalar(select(Call).where(Call.ref == ref))
    if call is None:
        raise _unknown()
    return call


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


def load_turns(session: Session, call: Call, until: int) -> list[Spoken]:
    """The turns that were there at a revision, by number."""
    query = select(CallTurn).where(CallTurn.call_id == call.id, CallTurn.revision <= until).order_by(CallTurn.seq)
    return [spoken(row) for row in session.scalars(query)]


def load_ticks(session: Session, call: Call) -> dict[str, bool]:
    """Items ticked or unticked by hand."""
    rows = session.execute(select(CallTick.item, CallTick.ticked).where(CallTick.call_id == call.id))
    return {row.item: row.ticked for row in rows}


def load_uses(session: Session, call: Call) -> frozenset[int]:
    """Script versions that were taken in this call."""
    return frozenset(session.scalars(select(SuggestionUse.script_version_id).where(SuggestionUse.call_id == call.id)))


def load_rights(session: Session, call: Call) -> dict[str, CallRight]:
    """Rights of this call by type."""
    return {row.type: row for row in session.scalars(select(CallRight).where(CallRight.call_id == call.id))}


def read_state(session: Session, desk: Desk, case: CallCase, until: int | None = None) -> CallState:
    """The state of a call as it is stored; ``until`` a revision, as it was then, with the ticks of today."""
    revision = case.call.revision if until is None else until
    facts = case.facts

    def find() -> CallState:
        return fold(load_turns(session, case.call, revision), facts, {}, desk.talk, desk.listen)

    state = desk.states.recall(("state", case.call.ref, revision, facts), find)
    return with_ticks(state, load_ticks(session, case.call))


def spoken(row: CallTurn) -> Spoken:
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
