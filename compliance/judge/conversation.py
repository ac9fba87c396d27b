"""Judging a whole call or thread: every collector turn for whoever was listening, and what no single turn shows.

Required disclosures never said, debt told before the person was known, a question about identity left unanswered,
amounts that are not the account's, pressing on somebody who cannot pay or must be spared, and a note that says more
than the call. Phrases and duties are the pack's ``conversation.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from compliance.judge.amounts import read_amounts
from compliance.judge.hearing import CLAIM_REACH, SPEAKERS, Call, KnownAccount, Said, Turn, hear
from compliance.judge.talk import Check, Talk, load_talk
from compliance.judge.text import Text
from compliance.judge.types import Decision, Finding, Message, Span
from compliance.judge.verdict import Judge

__all__ = ["SPEAKERS", "KnownAccount", "Turn", "check_conversation", "check_course", "check_note"]


def check_conversation(turns: Sequence[Turn], account: KnownAccount | None, judge: Judge) -> tuple[Finding, ...]:
    """The findings of a whole call, each with the turn that it is about; those about the call as a whole come last.

    Raises:
        InvalidInput: turns out of order or by an unknown speaker, or the pack does not judge conversations.
    """
    talk = load_talk(judge.pack)
    call = hear(turns, account, talk)
    return tuple(sorted([*_turn_findings(call, judge), *check_course(call, talk)], key=_order))


def check_course(call: Call, talk: Talk) -> tuple[Finding, ...]:
    """What no single turn shows: what was never said or came too early, went unanswered, presses, or is no true sum.

    For whoever judges the turns one by one as they come.
    """
    return tuple(sorted((finding for check in _CHECKS for finding in check(call, talk)), key=_order))


def check_note(
    note: str, turns: Sequence[Turn], judge: Judge, account: KnownAccount | None = None
) -> tuple[Finding, ...]:
    """Where a note contradicts the call: it says that something was told which no turn carries, or that the debtor
    was spoken to where only somebody else spoke. Spans lie in the note.

    Raises:
        InvalidInput: as ``check_conversation``.
    """
    talk = load_talk(judge.pack)
    call = hear(turns, account, talk)
    text = Text.of(note)
    plain, said = text.views[0].plain, {item for turn in call.said for item in turn.items}
    found = []
    for item in talk.items:
        place = talk.notes[item.id].span(plain)
        if place is not None and item.id not in said:
            words = {"claim": plain[slice(*place)], "label": item.label}
            found.append(_finding(talk.checks["note_untold"], None, text.views[0].span(*place), **words))
    place = talk.note_debtor.span(plain)
    if place is not None and "third_party" in call.speakers and "debtor" not in call.speakers:
        found.append(_finding(talk.checks["note_not_debtor"], None, text.views[0].span(*place)))
    return tuple(found)


def _order(finding: Finding) -> tuple[float, int, str]:
    return (
        float("inf") if finding.turn is None else finding.turn, finding.span.start if finding.span else -1, finding.rule
    )  # fmt: skip


def _turn_findings(call: Call, judge: Judge) -> Iterator[Finding]:
    """Each collector turn by itself, for its listener. What a call must carry no single turn need carry."""
    amounts = tuple(sorted(call.account.figures)) if call.account and call.account.figures else None
    owed = call.account.owed if call.account else None
    for said in call.collector:
        message = Message(said.turn.text, channel="call", audience=said.audience, amounts=amounts, owed=owed)
        for finding in judge.read(message):
            if finding.category != "missing_disclosure":
                yield replace(finding, source="call", turn=said.turn.seq)


def _missing(call: Call, talk: Talk) -> Iterator[Finding]:
    missing = set(call.missing)
    return (_finding(item.check, None, None) for item in talk.items if item.id in missing)


def _debt_first(call: Call, talk: Talk) -> Iterator[Finding]:
    """The first turn that tells the debt although nobody has been asked, and has answered, to be the debtor."""
    for said in call.collector:
        if "debt" in said.items:
            if not said.confirmed and said.audience == "debtor":
                yield _finding(talk.checks["debt_first"], said, said.items["debt"])
            return


def _unanswered(call: Call, talk: Talk) -> Iterator[Finding]:
    """A question about identity that none of the next collector turns answers; once for each run of questions.

    Before so many turns have come, the answer may be the next one.
    """
    check, signal, quiet_until = talk.checks["unanswered_identity"], talk.signals["asks_identity"], -1
    within = check.numbers["within"]
    for place, said in enumerate(call.said):
        if said.turn.speaker == "collector" or place <= quiet_until or not said.gives(signal):
            continue
        later = [number for number in range(place + 1, len(call.said)) if call.said[number].turn.speaker == "collector"]
        answers = later[:within]
        if len(answers) == within and not any(_ANSWERING & call.said[number].items.keys() for number in answers):
            span = signal.span(said.plain)
            yield _finding(check, said, said.raw(span) if span else None, within=within)
            quiet_until = answers[-1]


_ANSWERING = {"identity", "creditor", "dispute_channel"}
"""Items that answer who is calling, or where that can be checked."""


def _amounts(call: Call, talk: Talk) -> Iterator[Finding]:
    """A total told that is none of the account's sums. Whole yuan may leave out what follows the point."""
    if call.account is None or call.account.total is None:
        return
    known, total = call.account.figures, call.account.total
    for said in call.collector:
        for amount in read_amounts(said.plain):
            before = said.plain[max(0, amount.start - CLAIM_REACH) : amount.start]
            if not talk.claim.occurs(before):
                continue
            if not any(amount.means(figure) for figure in known):
                span = said.raw((amount.start, amount.end))
                yield _finding(talk.checks["amount"], said, span, said=f"{amount.value:,}", total=f"{total:,}")


def _repeated(call: Call, talk: Talk) -> Iterator[Finding]:
    """The demand that is once too many after the debtor has said that it cannot be met, and every one after it."""
    check = talk.checks["repeated"]
    for times, (said, span) in enumerate(_after(call, talk, ("refuses", "hardship"), ("demands",)), 1):
        if times >= check.numbers["times"]:
            yield _finding(check, said, span, times=times)


def _pressing_self_harm(call: Call, talk: Talk) -> Iterator[Finding]:
    """Demands, sums of money, and words that make light of it, after a sign of self-harm."""
    for said, span in _after(call, talk, ("self_harm",), ("demands", "dismisses", "sums")):
        yield _finding(talk.checks["self_harm"], said, span)


def _pressing_grave(call: Call, talk: Talk) -> Iterator[Finding]:
    """Demands after word of grave illness or death: the first may be a slip, those after it are pressure."""
    check = talk.checks["grave"]
    for times, (said, span) in enumerate(_after(call, talk, ("grave",), ("demands",)), 1):
        found = _finding(check, said, span, times=times)
        yield replace(found, decision=Decision.BLOCK) if times >= check.numbers["block_from"] else found


_ANSWERS = {
    "refused_identity": (("asks_identity",), ("deflects",)),
    "refused_channel": (("objects",), ("stonewalls",)),
    "refused_plan": (("hardship",), ("denies_plan",)),
}
"""Check → what was heard before, and what the collector then says."""


def _refused(call: Call, talk: Talk) -> Iterator[Finding]:
    """Questions, objections and hardship that the collector turns away."""
    for name, (heard, answer) in _ANSWERS.items():
        for said, span in _after(call, talk, heard, answer):
            yield _finding(talk.checks[name], said, span)


def _after(call: Call, talk: Talk, heard: tuple[str, ...], answer: tuple[str, ...]) -> Iterator[tuple[Said, Span]]:
    """Collector turns with one of the ``answer`` signals, once one of ``heard`` has come from the other side."""
    waiting = False
    for said in call.said:
        if said.turn.speaker != "collector":
            waiting = waiting or _says(talk, said, *heard)
        elif waiting:
            span = next((span for name in answer if (span := talk.signals[name].span(said.plain))), None)
            if span is not None:
                yield said, said.raw(span)


_CHECKS: tuple[Callable[[Call, Talk], Iterator[Finding]], ...] = (
    _missing, _debt_first, _unanswered, _amounts, _repeated, _pressing_self_harm, _pressing_grave, _refused,
)  # fmt: skip


def _says(talk: Talk, said: Said, *signals: str) -> bool:
    return any(said.gives(talk.signals[signal]) for signal in signals)


def _finding(check: Check, spoken: Said | None, span: Span | None, **places: object) -> Finding:
    return Finding(
        rule=check.rule,
        category=check.category,
        decision=check.decision,
        why=check.why.format(**places),
        cites=check.cites,
        span=span,
        source="call",
        turn=spoken.turn.seq if spoken else None,
    )
