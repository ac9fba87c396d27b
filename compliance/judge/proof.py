"""A pack proves itself: every rule's own hits must hit and its misses must not, or the pack does not load."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from compliance.judge.cache import read_cached, write_cached
from compliance.judge.findings import find
from compliance.judge.packs import PACKS, Pack, PackError, pack_digest, read_pack
from compliance.judge.patterns import remember_checked
from compliance.judge.replacements import FILE, OWING, SPOKEN_TO, Say, audiences_of, load_replacements
from compliance.judge.rewording import reword
from compliance.judge.rules import Fault
from compliance.judge.text import Text
from compliance.judge.types import STAGES, Finding, InvalidInput, Message


def failing_cases(pack: Pack) -> list[Fault]:
    """The hits that do not hit and the misses that do."""
    faults = []
    for rule in pack.rules:
        for case in rule.cases:
            hit = any(finding.rule == rule.id for finding in find(Text.of(case.message.text), case.message, pack))
            if hit != case.hit:
                field, problem = ("hit", "does not hit") if case.hit else ("miss", "hits")
                faults.append(Fault(f"{rule.category}.toml", rule.id, field, f"{case.message.text!r} {problem}"))
    return faults


def _all_faults(pack: Pack) -> list[Fault]:
    """Of the rules' own cases, and of the phrases by which whole calls are judged."""
    from compliance.judge.talk import talk_faults  # only where a pack is proved: most starts find it proved

    return [*failing_cases(pack), *talk_faults(pack), *failing_rewordings(pack)]


def failing_rewordings(pack: Pack) -> list[Fault]:
    """What ``rewording.toml`` says instead that does not itself pass.

    Raises:
        PackError: the file cannot be read.
    """
    replacements = load_replacements(pack)
    if replacements is None:
        return []
    faults = [fault for say in (*replacements.say, *replacements.neutral) for fault in _not_passing(say, OWING, pack)]
    return faults + _not_passing(Say(replacements.relay.bare), audiences_of(relayed=True), pack)


def unanswered_examples(pack: Pack) -> list[Fault]:
    """The examples of ``rewording.toml`` that the rules do not find, or that get no rewording that passes.

    No part of loading: a rule that finds less is weaker, but what is said instead is still fit to go out.
    """
    replacements = load_replacements(pack)
    return [fault for say in replacements.say for fault in _unanswered(say, pack)] if replacements else []


def _not_passing(say: Say, audiences: tuple[str, ...], pack: Pack) -> list[Fault]:
    """The first message of its kind in which the sentence is itself found wanting."""
    for audience in audiences:
        for channel in say.channel or SPOKEN_TO:
            for stage in say.stage or (None, *STAGES):
                found = find(Text.of(say.text), Message(say.text, channel, audience, stage=stage), pack)
                if found:
                    where = f"by {channel} to {audience}: {found[0].rule}"
                    return [Fault(FILE, None, "text", f"{say.text!r} does not pass {where}")]
    return []


def _unanswered(say: Say, pack: Pack) -> list[Fault]:
    """The example is no case for the sentence, or no rewording of it passes."""
    stage = say.stage[0] if say.stage else None
    message = Message(say.instead_of, (say.channel or SPOKEN_TO)[0], stage=stage)
    found = find(Text.of(message.text), message, pack)
    if not say.categories & {finding.category for finding in found}:
        named = " or ".join(sorted(say.categories))
        return [Fault(FILE, None, "instead_of", f"{say.instead_of!r} is not found to be {named}")]

    def read(text: str) -> tuple[Finding, ...]:
        return find(Text.of(text), replace(message, text=text), pack)

    if reword(message, found, pack, read).suggestion is None:
        return [Fault(FILE, None, "instead_of", f"{say.instead_of!r} gets no rewording that passes")]
    return []


@dataclass(frozen=True, slots=True)
class Report:
    """What the own cases of a pack gave."""

    pack: str
    rules: int
    hits: int
    misses: int
    faults: tuple[Fault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    def lines(self) -> list[str]:
        """For a terminal: every fault, then one line of counts."""
        total = f"{self.pack}: {self.rules} rules, {self.hits} hits, {self.misses} misses, {len(self.faults)} fault(s)"
        return [*map(str, self.faults), total]


def prove(name: str = "cn", root: Path = PACKS) -> Report:
    """Run every rule's own cases, whatever the cache remembers.

    Raises:
        PackError: the pack cannot be read at all.
    """
    pack = read_pack(_folder(name, root))
    cases = [case for rule in pack.rules for case in rule.cases]
    hits = sum(case.hit for case in cases)
    return Report(pack.name, len(pack.rules), hits, len(cases) - hits, (*_all_faults(pack), *unanswered_examples(pack)))


def load_pack(name: str = "cn", root: Path = PACKS) -> Pack:
    """A pack that has passed its own cases; loaded once in a process for each state of its files.

    Raises:
        InvalidInput: there is no such pack.
        PackError: with every fault found.
    """
    folder = _folder(name, root)
    return _load(folder, pack_digest(folder))


def _folder(name: str, root: Path) -> Path:
    known = {child.name: child for child in root.iterdir() if (child / "pack.toml").is_file()}
    if name not in known:
        raise InvalidInput(f"{name!r} is no pack: one of {', '.join(sorted(known))}", code="unknown_pack", field="pack")
    return known[name]


@lru_cache(maxsize=8)
def _load(folder: Path, digest: str) -> Pack:
    pack = read_pack(folder)
    token = f"{digest}-{_code_digest()}.proved"
    if read_cached(token) is None:
        faults = _all_faults(pack)
        if faults:
            raise PackError(folder.name, faults)
        write_cached(token, b"")
    remember_checked()
    return pack


@lru_cache(maxsize=1)
def _code_digest() -> str:
    """Of this package's code: a change of the engine may change what the cases give."""
    total = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in (".py", ".c", ".txt", ".toml", ".json", ".tsv") and file.is_file():
            total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:16]
