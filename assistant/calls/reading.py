"""From rows to what a call is folded from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.calls.models import Call, CallRight, CallTick, CallTurn, SuggestionUse
from assistant.calls.state import CallFacts, CallState, Spoken, fold
from assistant.intents import Heard
from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from compliance.gate.models import Outreach
from compliance.gate.record import restore_finding, store_finding, stored_findings
from compliance.judge.hearing import KnownAccount
from compliance.judge.talk import Talk
from compliance.judge.types import InvalidInput, Verdict

PERMITTED = ("permitted", "sending", "sent", "expired")
"""States of a dial that the gate let pass."""


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
        return self.call.direction == "in" or (self.dial is not None and self.dial.state in PERMITTED)

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


def load_case(session: Session, call: Call) -> CallCase:
    """The call with debtor, account, creditor, number and dial."""
    account = session.get(Account, call.account_id) if call.account_id else None
    return CallCase(
        call=call,
        debtor=session.get_one(Debtor, call.debtor_id),
        account=account,
        creditor=session.get(Creditor, account.creditor_id) if account else None,
        point=session.get_one(ContactPoint, call.contact_point_id),
        dial=session.get(Outreach, call.outreach_id) if call.outreach_id else None,
    )


def load_turns(session: Session, call: Call, until: int | None = None) -> list[Spoken]:
    """The turns by number; ``until`` a revision, only those that were there then."""
    query = select(CallTurn).where(CallTurn.call_id == call.id).order_by(CallTurn.seq)
    if until is not None:
        query = query.where(CallTurn.revision <= until)
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


def read_state(session: Session, case: CallCase, talk: Talk) -> CallState:
    """The state of a call as it is stored."""
    return fold(load_turns(session, case.call), case.facts, load_ticks(session, case.call), talk)


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
