"""A pack's ``rewording.toml``: what may be said instead, what may stay, and the proof that all of it passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from compliance.judge.cache import read_toml
from compliance.judge.packs import Pack, PackError
from compliance.judge.patterns import Pattern, PatternFault, check_pattern, expand, word_groups
from compliance.judge.rules import Fault
from compliance.judge.types import AUDIENCES, CATEGORIES, CHANNELS, STAGES, Message

FILE = "rewording.toml"
OWING = ("debtor", "liable_third_party")
"""Who may be spoken to about the debt; everybody else is only asked to pass on a call back."""
SPOKEN_TO = tuple(channel for channel in CHANNELS if channel != "note")


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence and whom it is for. Empty filters admit everything; an unknown stage is in no list of stages."""

    text: str
    categories: frozenset[str] = frozenset()
    channel: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    instead_of: str = ""

    def admits(self, message: Message) -> bool:
        return (not self.channel or message.channel in self.channel) and (not self.stage or message.stage in self.stage)


@dataclass(frozen=True, slots=True)
class Relay:
    """The sentence for somebody who does not owe, and how its slots are read from the text."""

    text: str
    who: tuple[Pattern, ...]
    sender: tuple[Pattern, ...]
    phone: tuple[Pattern, ...]
    no_names: tuple[str, ...]
    him: str
    her: str

    @property
    def bare(self) -> str:
        """With nothing taken from the text."""
        return self.text.format(who=self.him, sender="", phone="")


@dataclass(frozen=True, slots=True)
class Keep:
    """What of a message may stay beside a replaced sentence."""

    courtesy: tuple[Pattern, ...]
    greeting: tuple[Pattern, ...]
    leads: tuple[Pattern, ...]
    """What the clause after it completes: kept, it keeps that one too."""
    sender: tuple[Pattern, ...]
    dates: tuple[Pattern, ...]
    """Facts that stay though they name a day that pressure names too."""
    facts: tuple[Pattern, ...]
    spoils: tuple[Pattern, ...]
    owed: tuple[Pattern, ...]
    tail: tuple[Pattern, ...]
    owed_text: str
    tail_text: str
    both_text: str


@dataclass(frozen=True, slots=True)
class Replacements:
    """The file, checked."""

    order: tuple[str, ...]
    drop: frozenset[str]
    doubtful: frozenset[str]
    quiet: frozenset[str]
    say: tuple[Say, ...]
    neutral: tuple[Say, ...]
    relay: Relay
    keep: Keep

    def neutral_for(self, message: Message) -> str | None:
        """What is said where nothing else of a message is left."""
        return next((say.text for say in self.neutral if say.admits(message)), None)


def load_replacements(pack: Pack) -> Replacements | None:
    """The pack's file, or ``None`` where it has none; read once for each state of the pack.

    Raises:
        PackError: with every fault found.
    """
    return _load(pack.folder, pack.digest)


@lru_cache(maxsize=8)
def _load(folder: Path, digest: str) -> Replacements | None:
    if not (folder / FILE).exists():
        return None
    raw = read_toml(folder / FILE)
    words = read_toml(folder / "words.toml")["words"]
    reading = _Reading(raw, word_groups(words))
    found = reading.all()
    if reading.faults:
        raise PackError(folder.name, reading.faults)
    return found


class _Reading:
    """Reads the file, noting every fault instead of stopping at the first."""

    def __init__(self, raw: Mapping[str, Any], words: Mapping[str, str]) -> None:
        self.raw = raw
        self.words = words
        self.faults: list[Fault] = []

    def fault(self, field: str, problem: str) -> None:
        self.faults.append(Fault(FILE, None, field, problem))

    def all(self) -> Replacements:
        self.unknown(self.raw, "the file", ("order", "drop", "doubtful", "quiet", "say", "neutral", "relay", "keep"))
        relay, keep = self.table("relay"), self.table("keep")
        found = Replacements(
            order=self.strings(self.raw, "order"),
            drop=frozenset(self.among(self.raw, "drop", CATEGORIES)),
            doubtful=frozenset(self.among(self.raw, "doubtful", CATEGORIES)),
            quiet=frozenset(self.among(self.raw, "quiet", CATEGORIES)),
            say=tuple(self.say(table, "say", True) for table in self.raw.get("say", [])),
            neutral=tuple(self.say(table, "neutral", False) for table in self.raw.get("neutral", [])),
            relay=Relay(
                text=self.text(relay, "text"),
                who=self.patterns(relay, "who"),
                sender=self.patterns(relay, "sender"),
                phone=self.patterns(relay, "phone"),
                no_names=self.strings(relay, "no_names"),
                him=self.text(relay, "him"),
                her=self.text(relay, "her"),
            ),
            keep=Keep(
                courtesy=self.any_of(keep, "courtesy"),
                greeting=self.any_of(keep, "greeting"),
                leads=self.any_of(keep, "leads"),
                sender=self.any_of(keep, "sender"),
                dates=self.any_of(keep, "dates"),
                facts=self.any_of(keep, "facts"),
                spoils=self.any_of(keep, "spoils"),
                owed=self.patterns(keep, "owed"),
                tail=self.patterns(keep, "tail"),
                owed_text=self.text(keep, "owed_text"),
                tail_text=self.text(keep, "tail_text"),
                both_text=self.text(keep, "both_text"),
            ),
        )
        if set(found.order) != set(CATEGORIES):
            self.fault("order", "must name every category once")
        said = {category for say in found.say for category in say.categories}
        for category in sorted(set(CATEGORIES) - said):
            self.fault("say", f"nothing is said instead for {category}")
        return found

    def unknown(self, table: Mapping[str, Any], where: str, fields: tuple[str, ...]) -> None:
        for name in sorted(set(table) - set(fields)):
            self.fault(name, f"is no field of {where}: one of {', '.join(fields)}")

    def table(self, name: str) -> Mapping[str, Any]:
        value = self.raw.get(name)
        if isinstance(value, dict):
            fields = Relay.__dataclass_fields__ if name == "relay" else Keep.__dataclass_fields__
            self.unknown(value, f"[{name}]", tuple(fields))
            return value
        self.fault(name, "is missing: a table")
        return {}

    def text(self, table: Mapping[str, Any], field: str) -> str:
        value = table.get(field)
        if isinstance(value, str) and value:
            return value
        self.fault(field, "is missing: one sentence")
        return ""

    def strings(self, table: Mapping[str, Any], field: str) -> tuple[str, ...]:
        value = table.get(field, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.fault(field, "must be a list of strings")
        return ()

    def among(self, table: Mapping[str, Any], field: str, names: tuple[str, ...]) -> tuple[str, ...]:
        listed = self.strings(table, field)
        for name in listed:
            if name not in names:
                self.fault(field, f"{name!r} is not known: one of {', '.join(names)}")
        return listed

    def patterns(self, table: Mapping[str, Any], field: str) -> tuple[Pattern, ...]:
        checked = []
        for source in self.strings(table, field):
            try:
                checked.append(check_pattern(expand(source, self.words)))
            except PatternFault as error:
                self.fault(field, f"{source!r}: {error}")
        return tuple(checked)

    def any_of(self, table: Mapping[str, Any], field: str) -> tuple[Pattern, ...]:
        """The patterns of a list of which only matters whether one of them occurs, as a single one."""
        patterns = self.patterns(table, field)
        if len(patterns) < 2 or any(pattern.source.startswith("(?i)") for pattern in patterns):
            return patterns
        return (Pattern("|".join(f"(?:{pattern.source})" for pattern in patterns)),)

    def say(self, table: Mapping[str, Any], name: str, answers: bool) -> Say:
        fields = ("text", "channel", "stage", *(("categories", "instead_of") if answers else ()))
        self.unknown(table, f"[[{name}]]", fields)
        categories = self.among(table, "categories", CATEGORIES)
        if answers and not categories:
            self.fault("categories", f"is missing for {table.get('text')!r}")
        return Say(
            text=self.text(table, "text"),
            categories=frozenset(categories),
            channel=self.among(table, "channel", SPOKEN_TO),
            stage=self.among(table, "stage", STAGES),
            instead_of=self.text(table, "instead_of") if answers else "",
        )


def audiences_of(relayed: bool) -> tuple[str, ...]:
    """Whom a sentence is for: those who owe, or for the relay those who do not."""
    return tuple(audience for audience in AUDIENCES if audience != "internal" and (audience not in OWING) is relayed)
