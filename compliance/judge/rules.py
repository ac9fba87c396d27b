"""The rule language: what one ``[[rule]]`` of ``packs/<pack>/<category>.toml`` may say, and how it is read.

The whole language, with examples, is in ``docs/rules-language.md``. In short::

    [[rule]]
    id = "cn.exposure_threat.tell_employer"   # for ever: findings, reviews and statistics point at it
    decision = "block"                        # block | review
    cites = ["CN-TP-10"]                      # rows of the pack's rules.csv
    any = ["{tell}.{0,6}{employer}"]          # one of these; `all`, `count` and `none` narrow it within `scope`
    unless = ["如有异议"]                      # a benign reading in the same sentence
    why = "不得以告知单位相要挟。"
    instead = "我们只与您本人沟通。"
    hit = ["再不还就通知你单位"]
    miss = ["我们不会联系您的单位"]

Patterns are read by :mod:`compliance.judge.patterns`. Every fault of a rule is collected, none is raised on its own:
an author sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.judge.checks import CHECKS
from compliance.judge.patterns import Pattern, PatternFault, check_pattern, expand
from compliance.judge.types import AUDIENCES, CATEGORIES, CHANNELS, STAGES, Citation, Decision, InvalidInput, Message

SCOPES = ("clause", "sentence", "text")
SPEAKERS = ("collector", "debtor", "any")
LEAST_CASES = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a pack, and what to do about it."""

    file: str
    rule: str | None
    field: str | None
    problem: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.rule, self.field) if part)
        return f"{place}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Count:
    """At least ``least`` different patterns of ``of`` within the scope."""

    least: int
    of: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Only near a finding of another rule: at most ``within`` sentences away, 0 being the same sentence."""

    rule: str
    within: int


@dataclass(frozen=True, slots=True)
class MustSay:
    """An item that a message of this kind has to carry."""

    what: str
    any: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A message on which the rule must hit or must not."""

    message: Message
    hit: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, checked. Empty filters admit everything."""

    id: str
    category: str
    also: tuple[str, ...]
    decision: Decision
    cites: tuple[Citation, ...]
    any: tuple[Pattern, ...]
    all: tuple[Pattern, ...]
    none: tuple[Pattern, ...]
    count: Count | None
    unless: tuple[Pattern, ...]
    scope: str
    heeds_negation: bool
    heeds_quotation: bool
    audience: tuple[str, ...]
    channel: tuple[str, ...]
    stage: tuple[str, ...]
    speaker: str
    first_contact: bool | None
    near: Near | None
    check: str | None
    must_say: tuple[MustSay, ...]
    since: date | None
    until: date | None
    soft: bool
    mask: bool
    why: str
    why_en: str | None
    instead: str | None
    cases: tuple[Case, ...]

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every pattern of the rule."""
        counted = self.count.of if self.count else ()
        items = tuple(pattern for item in self.must_say for pattern in item.any)
        return (*self.any, *self.all, *self.none, *counted, *self.unless, *items)

    @property
    def opening(self) -> tuple[Pattern, ...]:
        """The patterns that start the rule and mark the span: ``any``, else the first of ``all``, else the counted."""
        if self.any:
            return self.any
        if self.all:
            return self.all[:1]
        return self.count.of if self.count else ()

    def admits(self, message: Message) -> bool:
        """Whether the rule speaks of such a message at all. An unknown fact does not exclude a rule, but for the stage
        and the first contact, which must be known to be the one that is asked for."""
        return (
            (not self.audience or message.audience in self.audience)
            and (not self.channel or message.channel in self.channel)
            and (not self.stage or message.stage in self.stage)
            and (self.first_contact is None or message.first_contact is self.first_contact)
        )

    def in_force(self, day: date | None) -> bool:
        """Whether the rule holds on that day (local to the pack). Without a day every dated rule holds."""
        if day is None:
            return True
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule may refer to: the file it stands in, its category, the word groups and the rows it may cite."""

    file: str
    category: str
    words: Mapping[str, str]
    citations: Mapping[str, Citation]


def read_rule(raw: Mapping[str, Any], around: Surroundings, faults: list[Fault]) -> Rule | None:
    """The rule, or ``None`` with everything that is wrong with it added to ``faults``."""
    before = len(faults)
    fields = _Fields(raw, around, faults)
    rule = Rule(
        id=fields.rule_id(),
        category=fields.choice("category", CATEGORIES, around.category),
        also=fields.choices("also", CATEGORIES),
        decision=Decision(fields.choice("decision", ("block", "review"), None) or "review"),
        cites=fields.cites(),
        any=fields.patterns("any"),
        all=fields.patterns("all"),
        none=fields.patterns("none"),
        count=fields.count(),
        unless=fields.patterns("unless"),
        scope=fields.choice("scope", SCOPES, "sentence"),
        heeds_negation=fields.choice("negation", ("excuses", "ignored"), "excuses") == "excuses",
        heeds_quotation=fields.choice("quotation", ("excuses", "ignored"), "excuses") == "excuses",
        audience=fields.choices("audience", AUDIENCES),
        channel=fields.choices("channel", CHANNELS),
        stage=fields.choices("stage", STAGES),
        speaker=fields.choice("speaker", SPEAKERS, "collector"),
        first_contact=fields.value("first_contact", bool),
        near=fields.near(),
        check=fields.check(),
        must_say=fields.must_say(),
        since=fields.value("since", date),
        until=fields.value("until", date),
        soft=fields.value("soft", bool) or False,
        mask=fields.value("mask", bool) or False,
        why=fields.text("why"),
        why_en=fields.value("why_en", str),
        instead=fields.value("instead", str),
        cases=(*fields.cases("hit"), *fields.cases("miss")),
    )
    _check_whole(rule, fields)
    return rule if len(faults) == before else None


def _check_whole(rule: Rule, fields: _Fields) -> None:
    """What can only be seen with all fields together."""
    if not rule.opening:
        fields.fault("any", "nothing starts the rule: give `any`, `all` or `count`")
    if rule.category in rule.also:
        fields.fault("also", f"{rule.category} is already the category: name only further ones")
    if rule.since and rule.until and rule.until < rule.since:
        fields.fault("until", "it lies before `since`")
    if rule.mask and rule.instead:
        fields.fault("mask", "give either `mask` (hide the span) or `instead` (replace the sentence)")
    fields.unknown()


class _Fields:
    """Reads the fields of one rule, noting which were asked for, so that what is left over is unknown."""

    def __init__(self, raw: Mapping[str, Any], around: Surroundings, faults: list[Fault]) -> None:
        self.raw = raw
        self.around = around
        self.faults = faults
        self.seen: set[str] = set()
        self.name = str(raw.get("id", "a rule without an id"))

    def fault(self, field: str | None, problem: str) -> None:
        self.faults.append(Fault(self.around.file, self.name, field, problem))

    def value(self, field: str, kind: type) -> Any:
        """The field if it has the right type, ``None`` where it is absent."""
        self.seen.add(field)
        value = self.raw.get(field)
        if value is None or type(value) is kind:
            return value
        self.fault(field, f"must be {_KINDS.get(kind, kind.__name__)}, not {value!r}")
        return None

    def text(self, field: str) -> str:
        value = self.value(field, str)
        if not value:
            self.fault(field, "is missing: write one plain sentence")
        return value or ""

    def rule_id(self) -> str:
        value = self.text("id")
        prefix = f".{self.around.category}."
        if value and (prefix not in value or not value.replace(".", "").replace("_", "").isalnum()):
            self.fault("id", f"must read <pack>{prefix}<name>, in lower case with _")
        return value

    def choice(self, field: str, known: tuple[str, ...], default: str | None) -> str:
        value = self.value(field, str)
        if value is None:
            if default is None:
                self.fault(field, f"is missing: one of {', '.join(known)}")
            return default or ""
        if value not in known:
            self.fault(field, f"{value!r} is not known: one of {', '.join(known)}")
            return default or ""
        return str(value)

    def strings(self, field: str) -> list[str]:
        self.seen.add(field)
        value = self.raw.get(field, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fault(field, f"must be a list of strings, not {value!r}")
            return []
        return value

    def choices(self, field: str, known: tuple[str, ...]) -> tuple[str, ...]:
        values = self.strings(field)
        for value in values:
            if value not in known:
                self.fault(field, f"{value!r} is not known: any of {', '.join(known)}")
        return tuple(values)

    def cites(self) -> tuple[Citation, ...]:
        names = self.strings("cites")
        if not names:
            self.fault("cites", "is missing: name at least one row of rules.csv")
        for name in names:
            if name not in self.around.citations:
                self.fault("cites", f"{name!r} is no row of rules.csv: correct the id or add the row")
        return tuple(self.around.citations[name] for name in names if name in self.around.citations)

    def patterns(self, field: str, values: list[str] | None = None) -> tuple[Pattern, ...]:
        checked = []
        for value in self.strings(field) if values is None else values:
            try:
                checked.append(check_pattern(expand(value, self.around.words)))
            except PatternFault as error:
                self.fault(field, f"{value!r}: {error}")
        return tuple(checked)

    def table(self, field: str, known: set[str]) -> dict[str, Any] | None:
        value = self.value(field, dict)
        if value is None:
            return None
        if set(value) != known:
            self.fault(field, f"needs exactly the keys {', '.join(sorted(known))}")
            return None
        return dict(value)

    def count(self) -> Count | None:
        value = self.table("count", {"min", "of"})
        if value is None:
            return None
        if not isinstance(value["of"], list) or type(value["min"]) is not int:
            self.fault("count", "`min` is a whole number and `of` a list of patterns")
            return None
        of = self.patterns("count", value["of"])
        if not 1 <= value["min"] <= len(value["of"]):
            self.fault("count", f"`min` must lie between 1 and {len(value['of'])}, the number of patterns")
        return Count(value["min"], of)

    def near(self) -> Near | None:
        value = self.table("near", {"rule", "within"})
        if value is None:
            return None
        if not isinstance(value["rule"], str) or type(value["within"]) is not int or value["within"] < 0:
            self.fault("near", "`rule` is a rule id and `within` a number of sentences, 0 for the same one")
            return None
        return Near(value["rule"], value["within"])

    def check(self) -> str | None:
        value = self.value("check", str)
        if value is not None and value not in CHECKS:
            self.fault("check", f"{value!r} is no check: one of {', '.join(sorted(CHECKS))}")
        return value if value is None else str(value)

    def must_say(self) -> tuple[MustSay, ...]:
        self.seen.add("must_say")
        items = []
        for item in self.raw.get("must_say", []):
            if not isinstance(item, dict) or set(item) != {"what", "any"} or not isinstance(item["any"], list):
                self.fault("must_say", "each item needs `what` (a phrase) and `any` (a list of patterns)")
                continue
            items.append(MustSay(str(item["what"]), self.patterns("must_say", item["any"])))
        return tuple(items)

    def cases(self, field: str) -> list[Case]:
        self.seen.add(field)
        values = self.raw.get(field, [])
        if not isinstance(values, list) or len(values) < LEAST_CASES:
            self.fault(field, f"needs at least {LEAST_CASES}: a message on which the rule {_CASE_WORDS[field]}")
            return []
        read: list[Case] = []
        for value in values:
            try:
                read.append(Case(_case_message(value), field == "hit"))
            except InvalidInput as error:
                self.fault(field, f"{value!r}: {error.message}")
        return read

    def unknown(self) -> None:
        for field in self.raw:
            if field not in self.seen:
                self.fault(field, f"is not a field of a rule: one of {', '.join(sorted(self.seen))}")


_KINDS: dict[type, str] = {bool: "true or false", str: "a string", date: "a date such as 2026-01-01", dict: "a table"}
_CASE_WORDS = {"hit": "must hit", "miss": "must not hit"}
_CASE_FIELDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "channel": lambda value: value in CHANNELS,
    "audience": lambda value: value in AUDIENCES,
    "stage": lambda value: value in STAGES,
    "first_contact": lambda value: isinstance(value, bool),
    "case_no": lambda value: isinstance(value, str),
    "agency": lambda value: isinstance(value, str),
    "amounts": lambda value: isinstance(value, list),
    "owed": lambda value: isinstance(value, list) and len(value) == 3,
}
_SUMS = ("amounts", "owed")
"""Fields of a case that are lists of sums in yuan."""


def _case_message(value: Any) -> Message:
    if isinstance(value, str):
        return Message(text=value)
    if not isinstance(value, dict) or "text" not in value:
        raise InvalidInput("a case is a string or a table with `text`")
    for name, content in value.items():
        if name not in _CASE_FIELDS:
            raise InvalidInput(f"{name} is not a field of a case: one of {', '.join(_CASE_FIELDS)}")
        if not _CASE_FIELDS[name](content):
            raise InvalidInput(f"{content!r} is no {name}")
    amounts, parts = (tuple(Decimal(str(sum_)) for sum_ in value[name]) if name in value else None for name in _SUMS)
    rest = {name: content for name, content in value.items() if name not in _SUMS}
    if rest.get("channel") == "note":
        rest.setdefault("audience", "internal")
    return Message(**rest, amounts=amounts, owed=(parts[0], parts[1], parts[2]) if parts else None)
