"""Reading ``conversation.toml``: the phrases and duties by which a whole call is judged. All of it, or every fault.

Phrases are patterns of the rule language on folded text. Each proves itself when the file is read: its hits are found,
its misses are not. A pack without the file judges no conversations.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from compliance.judge.contact.reading import Table
from compliance.judge.listener import SHIPPED, Listener, load_listener
from compliance.judge.packs import Pack, PackError
from compliance.judge.patterns import Pattern, PatternFault, check_pattern, expand, word_groups
from compliance.judge.rules import Fault
from compliance.judge.text import clean
from compliance.judge.types import CATEGORIES, Citation, Decision, InvalidInput

FILE = "conversation.toml"
DUES = ("always", "addressed", "debtor", "debt_told", "needs_plan", "ended")
SIGNALS = (
    "asks_identity", "confirms", "denies_being", "objects", "hardship", "flat_dispute", "paid",
    "represented", "self_harm", "grave", "hangs_up", "refuses", "demands", "sums",
    "addresses_other", "deflects", "stonewalls", "denies_plan", "dismisses",
)  # fmt: skip
CHECKS: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "debt_first": (frozenset(), ()),
    "unanswered_identity": (frozenset({"within"}), ("within",)),
    "amount": (frozenset({"said", "total"}), ()),
    "repeated": (frozenset({"times"}), ("times",)),
    "self_harm": (frozenset(), ()),
    "grave": (frozenset({"times"}), ("block_from",)),
    "refused_identity": (frozenset(), ()),
    "refused_channel": (frozenset(), ()),
    "refused_plan": (frozenset(), ()),
    "note_untold": (frozenset({"claim", "label"}), ()),
    "note_not_debtor": (frozenset(), ()),
}
"""Check → the places that its reason may name, and the numbers that it must have."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One of ``any`` occurs and none of ``none``."""

    any: tuple[Pattern, ...]
    none: tuple[Pattern, ...] = ()
    intents: frozenset[str] = frozenset()
    """Intents (``corpus/GUIDE.md``) that mean the same, for turns whose intents are known."""

    def span(self, plain: str) -> tuple[int, int] | None:
        """Where the phrase first stands in a folded text, half-open; ``None`` where it does not."""
        if self.vetoes(plain):
            return None
        return min((spans[0] for pattern in self.any if (spans := pattern.spans(plain))), default=None)

    def occurs(self, plain: str) -> bool:
        return any(one.occurs(plain) for one in self.any) and not self.vetoes(plain)

    def vetoes(self, plain: str) -> bool:
        """Whether one of ``none`` occurs."""
        return any(one.occurs(plain) for one in self.none)


@dataclass(frozen=True, slots=True)
class Check:
    """What a finding of one kind says. ``why`` may name places; house policy is marked in its reason."""

    rule: str
    category: str
    decision: Decision
    cites: tuple[Citation, ...]
    house: bool
    why: str
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a call must carry (``corpus/conversations-README.md``, checklist)."""

    id: str
    label: str
    phrase: Phrase
    asked: Phrase | None
    """Counts only after somebody asked who is calling."""
    due: str
    late: bool
    """Counts only in the second half of the call."""
    named: bool
    """Where the account's creditor is known, its name must be heard."""
    owed: bool
    """Where the account is known, naming what is owed or when it fell due is enough."""
    check: Check


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything in ``conversation.toml``, checked."""

    signals: Mapping[str, Phrase]
    items: tuple[Item, ...]
    checks: Mapping[str, Check]
    claim: Phrase
    notes: Mapping[str, Phrase]
    """Item → how a note claims that it was told."""
    note_debtor: Phrase
    name_tails: tuple[Pattern, ...]
    name_kinds: tuple[str, ...]
    listener: Listener | None = None
    """What hears items beside the phrases, where the pack has it."""


def load_talk(pack: Pack) -> Talk:
    """What a pack says about conversations; read once for each state of its files.

    Raises:
        InvalidInput: the pack says nothing about them.
        PackError: with every fault found.
    """
    return _load(pack.folder, pack.digest, tuple(pack.citations.values()))


@lru_cache(maxsize=8)
def _load(folder: Path, digest: str, rows: tuple[Citation, ...]) -> Talk:
    if not (folder / FILE).is_file():
        raise InvalidInput(f"the pack {folder.name} does not judge conversations", code="no_talk", field="pack")
    faults: list[Fault] = []
    talk = _read(folder, {row.rule: row for row in rows}, faults)
    if faults or talk is None:
        raise PackError(folder.name, faults)
    return talk


def talk_faults(pack: Pack) -> list[Fault]:
    """Everything that is wrong with a pack's ``conversation.toml``; nothing where it has none."""
    faults: list[Fault] = []
    if (pack.folder / FILE).is_file():
        _read(pack.folder, pack.citations, faults)
    return faults


def _read(folder: Path, citations: Mapping[str, Citation], faults: list[Fault]) -> Talk | None:
    try:
        raw = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
        words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
        groups = word_groups(words["words"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, PatternFault) as error:
        faults.append(Fault(FILE, None, None, f"cannot be read: {error}"))
        return None
    return _Reader(folder.name, raw, groups, citations, faults).read()


class _Reader:
    """Reads the file with what every part of it needs: word groups, citations, the list of faults."""

    def __init__(
        self, pack: str, raw: Mapping[str, Any], words: Mapping[str, str], citations: Mapping[str, Citation],
        faults: list[Fault],
    ) -> None:  # fmt: skip
        self.pack = pack
        self.raw = raw
        self.words = words
        self.citations = citations
        self.faults = faults

    def read(self) -> Talk:
        top = Table(self.raw, FILE, None, self.faults)
        prefix = str(top.take("house_prefix", "text", ""))
        items = tuple(self._item(raw, prefix) for raw in top.take("item", "tables", []))
        name = self._table(top.take("creditor_name", "table", {}), "creditor_name")
        talk = Talk(
            signals=self._phrases(top.take("signal", "table", {}), "signal", SIGNALS),
            items=items,
            checks=self._checks(top.take("check", "table", {}), prefix),
            claim=self._phrase(self._table(top.take("claim", "table", {}), "claim")),
            notes=self._phrases(top.take("note", "table", {}), "note", tuple(item.id for item in items)),
            note_debtor=self._phrase(self._table(top.take("note_debtor", "table", {}), "note_debtor")),
            name_tails=self._patterns(name, "tails"),
            name_kinds=name.take("kinds", "words", ()),
            listener=self._listener() if top.take_optional("listener", "flag", False) else None,
        )
        name.finish()
        top.finish()
        return talk

    def _listener(self) -> Listener | None:
        trained = SHIPPED.with_name(f"listener-{self.pack}.npz")
        try:
            return load_listener(trained)
        except (OSError, ValueError, KeyError) as error:
            self.faults.append(Fault(FILE, "listener", None, f"{trained.name} cannot be read: {error}"))
            return None

    def _table(self, raw: Any, rule: str) -> Table:
        return Table(raw, FILE, rule, self.faults)

    def _phrases(self, raw: Mapping[str, Any], kind: str, names: tuple[str, ...]) -> dict[str, Phrase]:
        """Exactly the named phrases, for a phrase that is left out would switch a check off."""
        wrong = sorted(set(raw) ^ set(names))
        self.faults.extend(Fault(FILE, f"{kind}.{name}", None, "is missing, or is no name here") for name in wrong)
        return {name: self._phrase(self._table(raw.get(name), f"{kind}.{name}")) for name in names}

    def _phrase(self, table: Table, ends: bool = True) -> Phrase:
        phrase = Phrase(
            self._patterns(table, "any"),
            self._patterns(table, "none", optional=True),
            frozenset(table.take_optional("intents", "words", ())),
        )
        for field, wanted in (("hit", True), ("miss", False)):
            for text in table.take(field, "words", ()):
                if phrase.occurs(clean(text)) is not wanted:
                    table.fault(field, f"{text!r} {'is not found' if wanted else 'is found'}")
        if ends:
            table.finish()
        return phrase

    def _patterns(self, table: Table, field: str, optional: bool = False) -> tuple[Pattern, ...]:
        sources = table.take_optional(field, "words", ()) if optional else table.take(field, "words", ())
        checked = []
        for source in sources:
            try:
                checked.append(check_pattern(expand(source, self.words)))
            except PatternFault as error:
                table.fault(field, f"{source!r}: {error}")
        return tuple(checked)

    def _item(self, raw: Mapping[str, Any], prefix: str) -> Item:
        table = self._table(raw, f"item.{raw.get('id')}")
        name = str(table.take("id", "text", ""))
        asked = self._patterns(table, "asked", optional=True)
        item = Item(
            id=name,
            label=str(table.take("label", "text", "")),
            phrase=self._phrase(table, ends=False),
            asked=Phrase(asked) if asked else None,
            due=table.choose("due", DUES),
            late=bool(table.take_optional("late", "flag", False)),
            named=bool(table.take_optional("named", "flag", False)),
            owed=bool(table.take_optional("owed", "flag", False)),
            check=self._reason(table, f"missing_{name}", prefix, "missing_disclosure", Decision.REVIEW, frozenset()),
        )
        table.finish()
        return item

    def _checks(self, raw: Mapping[str, Any], prefix: str) -> dict[str, Check]:
        wrong = sorted(set(raw) ^ set(CHECKS))
        self.faults.extend(Fault(FILE, f"check.{name}", None, "is missing, or is no check") for name in wrong)
        return {name: self._check(self._table(raw.get(name), f"check.{name}"), name, prefix) for name in CHECKS}

    def _check(self, table: Table, name: str, prefix: str) -> Check:
        places, numbers = CHECKS[name]
        category, decision = table.choose("category", CATEGORIES), table.decide("decision")
        if decision is Decision.ALLOW:
            table.fault("decision", "an allow would switch the check off: review or block")
        given = {number: int(table.take(number, "count", 1)) for number in numbers}
        check = self._reason(table, name, prefix, category, decision, places, given)
        table.finish()
        return check

    def _reason(
        self, table: Table, name: str, prefix: str, category: str, decision: Decision,
        places: frozenset[str], numbers: Mapping[str, int] | None = None,
    ) -> Check:  # fmt: skip
        house = bool(table.take_optional("house", "flag", False))
        why = table.explain("why", places)
        cites = table.cite(self.citations, house)
        return Check(
            f"{self.pack}.call.{name}", category, decision, cites, house, prefix + why if house else why, numbers or {}
        )
