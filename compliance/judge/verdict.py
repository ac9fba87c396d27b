"""Screening: text findings, contact findings and the learned reader's → the verdict. The only place that decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from compliance.judge.facts import ContactFacts
from compliance.judge.findings import find
from compliance.judge.packs import Pack
from compliance.judge.proof import load_pack
from compliance.judge.rewording import reword
from compliance.judge.text import Text
from compliance.judge.types import Decision, Finding, InvalidInput, Message, Span, Verdict, strictest

if TYPE_CHECKING:
    from compliance.judge.contact import ContactRuling, Policy

LONGEST = 100_000
"""Code points of one message; longer text is no message and is refused."""


class JudgeError(RuntimeError):
    """Something inside the judge failed. Whoever asked must refuse: an unjudged message never passes."""


class SecondReader(Protocol):
    """The learned reader, or a stand-in for it in a test."""

    def settle(self, message: Message, text: Text, rule_findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The rules' findings that stand and its own."""


@dataclass(frozen=True)
class Judge:
    """A pack, and a second reader where one is wanted. Immutable, safe to share between threads."""

    pack: Pack
    reader: SecondReader | None = None
    kept: bool = False
    """The pack is one of an earlier time: contact rules that were made since are missing, and were not asked."""

    @cached_property
    def policy(self) -> Policy:
        """The pack's contact policy; read when first asked for, as screening words alone needs none.

        Raises ``PackError`` where it has faults; ``load_judge`` asks at once unless told otherwise.
        """
        from compliance.judge.contact import load_policy

        return load_policy(self.pack.folder, kept=self.kept)

    def screen(self, message: Message, contact: ContactFacts | None = None, now: datetime | None = None) -> Verdict:
        """The verdict on a message and, with ``contact`` and ``now``, on contacting that person at that time.

        ``now`` is aware. The same message, facts and time give the same verdict.

        Raises:
            InvalidInput: the message cannot be judged (too long, a time without offset, facts without a time).
            JudgeError: a check failed; the caller refuses.
        """
        _refuse_unusable(message, contact, now)
        try:
            return self._verdict(message, contact, now)
        except InvalidInput:
            raise
        except Exception as error:
            raise JudgeError(f"screening failed: {type(error).__name__}: {error}") from error

    def _verdict(self, message: Message, contact: ContactFacts | None, now: datetime | None) -> Verdict:
        findings = self.read(message, now)
        suggestion: str | None = None
        if findings and not message.pays:
            reworded = reword(message, findings, self.pack, lambda text: self.read(replace(message, text=text), now))
            findings, suggestion = reworded.findings, reworded.suggestion
        ruling: ContactRuling | None = None
        if contact is not None and now is not None:
            from compliance.judge.contact import judge_contact

            told = replace(contact, paying=True) if message.pays else contact
            ruling = judge_contact(told, message.channel, now, self.policy)
            findings = (*findings, *ruling.findings)
        return Verdict(
            decision=strictest([finding.decision for finding in findings]),
            findings=findings,
            suggestion=suggestion,
            pack=self.pack.name,
            version=self.pack.version,
            digest=self.pack.digest,
            next_allowed_at=ruling.next_allowed_at if ruling else None,
            remaining=dict(ruling.remaining) if ruling else {},
        )

    def read(self, message: Message, now: datetime | None = None) -> tuple[Finding, ...]:
        """The findings of the words alone, by rules and reader; nothing is decided and nothing reworded."""
        day = None if now is None else now.astimezone(ZoneInfo(self.pack.timezone)).date()
        text = Text.of(message.text)
        findings = find(text, message, self.pack, day)
        if message.previous:
            findings = (*findings, *_across(message, findings, self.pack, now))
        findings = _without_echoes(findings)
        if self.reader is not None:
            findings = _soften_note(self.reader.settle(message, text, findings), message)
        return _leave_payer_to_officer(findings) if message.pays else findings

    def read_alone(self, message: Message) -> tuple[Finding, ...]:
        """What the learned reader finds without the rules; nothing where there is no reader."""
        if self.reader is None:
            return ()
        return _soften_note(self.reader.settle(message, Text.of(message.text), ()), message)


def _without_echoes(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """A sign of what a proof of the same category finds at the same place says nothing more."""
    if len(findings) < 2:
        return findings
    proofs = [finding for finding in findings if not finding.soft and finding.span is not None]
    return tuple(
        finding
        for finding in findings
        if not finding.soft
        or not any(_covers(proof, finding) for proof in proofs if proof.category == finding.category)
    )


def _covers(proof: Finding, sign: Finding) -> bool:
    """Whether both speak of the same place, the proof no less strictly."""
    if proof.span is None or sign.span is None or proof.decision.rank < sign.decision.rank:
        return False
    return proof.span.start < sign.span.end and sign.span.start < proof.span.end


def _soften_note(findings: tuple[Finding, ...], message: Message) -> tuple[Finding, ...]:
    """In a note nothing is blocked, whichever reader says so: what it tells has happened."""
    if message.channel != "note":
        return findings
    return tuple(
        replace(finding, decision=Decision.REVIEW) if finding.decision is Decision.BLOCK else finding
        for finding in findings
    )


def _leave_payer_to_officer(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What tells of the debt waits for an officer, who finds the offer on record; anything else stays as it is. Nothing
    is offered instead: other words would not be the set ones."""
    return tuple(
        replace(finding, decision=Decision.REVIEW, instead=None, fix=None)
        if finding.category == "third_party_disclosure"
        else finding
        for finding in findings
    )


def _across(message: Message, already: Iterable[Finding], pack: Pack, now: datetime | None) -> tuple[Finding, ...]:
    """Findings that only show when the message is read on from those sent just before it."""
    before = "".join(message.previous)
    day = None if now is None else now.astimezone(ZoneInfo(pack.timezone)).date()
    known = {finding.rule for finding in already}
    found = []
    for finding in find(Text.of(before + message.text), message, pack, day):
        span = finding.span
        if span is not None and span.end > len(before) and finding.rule not in known:
            cut = Span(max(span.start - len(before), 0), span.end - len(before))
            found.append(replace(finding, span=cut, instead=None))
    return tuple(found)


def _refuse_unusable(message: Message, contact: ContactFacts | None, now: datetime | None) -> None:
    if len(message.text) > LONGEST:
        raise InvalidInput(f"the text is longer than {LONGEST} characters", code="too_long", field="text")
    if now is not None and now.tzinfo is None:
        raise InvalidInput("the time needs an offset", code="naive_time", field="now")
    if contact is not None and now is None:
        raise InvalidInput("judging a contact needs a time", code="missing_time", field="now")


def load_judge(pack: str = "cn", reader: bool = True, contact: bool = True) -> Judge:
    """The judge of a jurisdiction, with its learned second reader unless ``reader`` is false.

    Without ``contact`` the contact policy is not read until a contact is judged: for whoever screens words alone.

    Raises:
        InvalidInput: there is no such pack.
        PackError: the pack has faults.
    """
    loaded = load_pack(pack)
    judge = Judge(loaded, _load_reader(loaded) if reader else None)
    if contact:
        _ = judge.policy
    return judge


def _load_reader(pack: Pack) -> SecondReader | None:
    """The reader of a pack that has one: one with a ``reader.toml``. A pack without is judged by its rules alone."""
    if not (pack.folder / "reader.toml").exists():
        return None
    from compliance.judge.reader import SHIPPED

    trained = SHIPPED.with_name(f"reader-{pack.name}.npz")
    return _read_reader(trained, trained.stat().st_mtime_ns, pack.folder, pack.digest)


@lru_cache(maxsize=8)
def _read_reader(trained: Path, at: int, folder: Path, digest: str) -> SecondReader:
    """Read once in a process for each state of the model (written ``at``) and of its pack."""
    from compliance.judge.reader import Reader, read_cites

    pack = load_pack(folder.name, folder.parent)
    return Reader.load(trained, read_cites(folder / "reader.toml", pack.citations))
