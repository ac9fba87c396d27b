"""One verdict looked at again: what was decided, on what, and whether the same inputs still give the same.

Nothing is taken from the present: words, facts, counters and rights are those stored with the outreach, the pack is
the one it names. Whether these are what the ledger recorded is checked by digest first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.casebook.models import ContactPoint, Debtor
from compliance.gate.deciding import settle
from compliance.gate.inputs import Inputs, digest_inputs, unpack_inputs
from compliance.gate.models import Outreach, OutreachText
from compliance.gate.record import store_verdict
from compliance.gate.screening import Case, judge_safely
from compliance.gate.tokens import digest_text
from compliance.judge import Judge
from compliance.judge.types import InvalidInput, Verdict
from compliance.ledger import LedgerEntry
from compliance.retrace.packs import PackUnavailable, judge_of
from compliance.sealing import SealingError

DIGITS = 6
"""Digits of a confidence that count: beyond them the same numbers may be added up in another order."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``same`` is ``None`` where it could not be decided again; ``obstacle`` then says why."""

    outreach: Outreach
    entry: LedgerEntry | None
    """The ledger's entry of the decision."""
    inputs: Inputs | None
    then: dict[str, Any]
    """The verdict as it was stored, without what came up later."""
    again: dict[str, Any] | None
    same: bool | None
    obstacle: str | None
    differences: tuple[str, ...]
    """Names of the parts of the verdict that differ."""


def find(session: Session, reference: str) -> int:
    """The row id of an outreach named by the sender's id, or by ``#`` and its number.

    Raises:
        InvalidInput: there is none.
    """
    query = select(Outreach.id).where(Outreach.client_id == reference)
    if reference.startswith("#") and reference[1:].isdecimal() and len(reference) < 20:
        query = select(Outreach.id).where(Outreach.id == int(reference[1:]))
    found = session.scalar(query)
    if found is None:
        raise InvalidInput("没有这条触达记录。", code="unknown_outreach", field="id")
    return found


def explain(session: Session, judge: Judge, outreach_id: int) -> Explanation:
    """The verdict on an outreach, decided again on what was known then; nothing is written.

    Raises:
        InvalidInput: there is no such outreach.
    """
    outreach = session.get(Outreach, outreach_id)
    if outreach is None:
        raise InvalidInput("没有这条触达记录。", code="unknown_outreach", field="id")
    entry = session.scalar(select(LedgerEntry).where(LedgerEntry.seq == outreach.ledger_seq))
    then = _as_first_decided(outreach)
    inputs = None
    try:
        words = _words(session, outreach_id)
        inputs = _inputs(outreach, words, entry)
        past = judge_of(session, judge, outreach.pack_digest, outreach.created_at)
    except (PackUnavailable, _Obstacle) as error:
        return Explanation(outreach, entry, inputs, then, None, None, str(error), ())
    again = store_verdict(decide_again(past, inputs, words.text if words else None))
    differences = tuple(name for name in then if _rounded(then[name]) != _rounded(again[name]))
    return Explanation(outreach, entry, inputs, then, again, not differences, None, differences)


def decide_again(judge: Judge, inputs: Inputs, text: str | None) -> Verdict:
    """The verdict that the gate comes to on these inputs."""
    message = replace(inputs.message, text=text or "")
    point = ContactPoint(relation=inputs.facts.contact_point.relation) if inputs.facts else None
    verdict = judge_safely(judge, message, inputs.facts, inputs.at)
    return settle(Case(Debtor(), None, point), message.channel, verdict)[0]


class _Obstacle(Exception):
    """Why it cannot be decided again, in one sentence."""


def _words(session: Session, outreach_id: int) -> OutreachText | None:
    try:
        return session.get(OutreachText, outreach_id)
    except SealingError as error:
        raise _Obstacle("现存的内容不能解密：它被改动过，或加密的密钥已不在这里。") from error


def _inputs(outreach: Outreach, words: OutreachText | None, entry: LedgerEntry | None) -> Inputs:
    """The stored inputs, if they are those that the ledger recorded and the words are still there."""
    if not outreach.pack_digest:
        raise _Obstacle("当时审核程序出错，没有作出判断，按拒绝处理。")
    if words is None or words.inputs is None:
        erased = words.erased_at if words else None
        raise _Obstacle(
            f"判断所依据的内容已于 {erased:%Y-%m-%d} 到期删除，台账与摘要仍在，但不能重新判断。"
            if erased else "这条记录早于留存判断依据的版本，不能重新判断。"
        )  # fmt: skip
    recorded = json.loads(entry.body) if entry else {}
    digests = (digest_inputs(words.inputs), digest_text(words.text) if words.text else None)
    if digests != (recorded.get("inputs_digest"), recorded.get("text_digest")):
        raise _Obstacle("现存的内容或判断依据与台账记载的摘要不符：其中之一被改动过。")
    return unpack_inputs(words.inputs)


def _as_first_decided(outreach: Outreach) -> dict[str, Any]:
    """Findings that came up later, at dispatch, stand at the end and are left out, as is their stricter decision."""
    stored = dict(outreach.verdict)
    stored["findings"] = stored["findings"][: outreach.answer.get("findings", len(stored["findings"]))]
    return stored


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
