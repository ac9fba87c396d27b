"""The coverage page: how the product meets each row of a pack's ``rules.csv``, as Markdown.

Most of it follows from what cites a row: text rules, contact limits, clocks of rights, checks of calls, of visits'
sheets and of plans. Where nothing does, ``coverage.toml`` says how, where and why. A row that neither covers is a
fault, so that none is passed over in silence; a row that was not verified is shown as house policy and never as law.
"""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.judge.citing import cite_articles
from compliance.judge.contact import Policy, load_policy
from compliance.judge.contact.reading import NOT_VERIFIED, Table
from compliance.judge.findings import find
from compliance.judge.packs import Pack, PackError
from compliance.judge.rules import Fault
from compliance.judge.talk import FILE as TALK_FILE
from compliance.judge.talk import load_talk
from compliance.judge.text import Text
from compliance.judge.types import AUDIENCES, Citation, Message

FILE = "coverage.toml"
WAYS = {
    "text": "文本规则",
    "contact": "联系限制",
    "clock": "权利告知与时限",
    "call": "通话检查",
    "sheet": "登记表核对",
    "field": "登记字段",
    "screen": "页面",
    "house": "机构策略",
    "planned": "计划中",
    "na": "不适用",
}
"""Ways of meeting a row, with their names; in the order of the summary."""
_RULED = ("contact", "clock", "call", "sheet")
_UNVERIFIED = ("house", "planned", "na")
_STANDING = {"verified": "已核实", "secondary source": "转述来源", NOT_VERIFIED: "未核实，仅作机构政策"}
_HEAD = """# 规则覆盖：{pack}

规则表 `compliance/packs/{pack}/rules.csv` 的 {rows} 行，逐行写明本产品怎样落实。本页由
`python run.py packs coverage {pack} --write` 生成，请改数据，不要改本页。

- **已核实**：出处与内容已核对；条号写明“未核”的，条号除外。
- **转述来源**：只读到转述，条号可能有误。
- **未核实，仅作机构政策**：没有读到条文，不作法律依据。
- **机构策略**：比法律更严，或法律没有规定，由机构自定；提示时写明“非法律规定”。
- **计划中**：还没有做到，说明里写缺什么。**不适用**：不是本产品能遵守或违反的事，说明里写为什么。

How each row of the rule table is met. Chinese is the text that binds; a row that was not verified is house policy and
never law.

{summary}
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a row is met: by rules, by what stands in a file, or not (with the note that says why)."""

    how: str
    ids: tuple[str, ...] = ()
    where: str | None = None
    note: str | None = None
    house: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ``rules.csv`` and every way in which it is met."""

    cite: Citation
    subject: str
    summary: str
    ways: tuple[Way, ...]

    @property
    def is_verified(self) -> bool:
        return self.cite.confidence != NOT_VERIFIED


@dataclass(frozen=True, slots=True)
class Coverage:
    """All rows of a pack, in the order of its table."""

    pack: str
    subjects: Mapping[str, str]
    rows: tuple[Row, ...]

    def as_markdown(self) -> str:
        """The page: what the words mean, how many rows are met how, and a table for each subject."""
        parts = [_HEAD.format(pack=self.pack, rows=len(self.rows), summary=self._summary())]
        for subject, name in self.subjects.items():
            rows = [row for row in self.rows if row.subject == subject]
            lines = ["| 编号 | 要求 | 出处 | 核实 | 怎样落实 | 说明 |", "| --- | --- | --- | --- | --- | --- |"]
            parts.append("\n".join([f"## {name}", "", *lines, *map(_line, rows), ""]))
        return "\n".join(parts)

    def _summary(self) -> str:
        counts = Counter(how for row in self.rows for how in {way.how for way in row.ways})
        lines = [f"| {WAYS[how]} | {counts[how]} |" for how in WAYS if counts[how]]
        return "\n".join(["| 落实方式（一行可有几种） | 行数 |", "| --- | ---: |", *lines])


def cover(pack: Pack) -> Coverage:
    """How a pack's rows are met.

    Raises:
        PackError: with every fault: a row that nothing covers, an entry for no row, a rule that does not exist.
    """
    faults: list[Fault] = []
    policy = load_policy(pack.folder)
    derived = _derived(pack, policy)
    known = {how: frozenset(ids) for how, ids in _known(pack, policy).items()}
    subjects, entries = _read_entries(pack, known, faults)
    with (pack.folder / "rules.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    rows = []
    for raw in table:
        ways = (*derived.get(raw["id"], ()), *entries.get(raw["id"], ()))
        rows.append(Row(pack.citations[raw["id"]], raw["subject"], raw["summary_zh"], ways))
        faults.extend(_row_faults(rows[-1], subjects))
    if faults:
        raise PackError(pack.name, faults)
    return Coverage(pack.name, subjects, tuple(rows))


def _row_faults(row: Row, subjects: Mapping[str, str]) -> Iterator[Fault]:
    if not row.ways:
        yield Fault(FILE, row.cite.rule, None, "nothing covers this row: cite it in a rule, or say here how it is met")
    if row.subject not in subjects:
        yield Fault(FILE, row.cite.rule, "subject", f"{row.subject!r} has no name under [subject]")
    if not row.is_verified and any(not way.house and way.how not in _UNVERIFIED for way in row.ways):
        yield Fault(FILE, row.cite.rule, "how", "a row that is not verified is house policy, planned or na, never law")


def _derived(pack: Pack, policy: Policy) -> dict[str, list[Way]]:
    """Row → the ways that follow from what cites it."""
    cited: dict[str, dict[tuple[str, bool], dict[str, None]]] = {}
    for how, name, cites, house in _citing(pack, policy):
        for cite in cites:
            cited.setdefault(cite.rule, {}).setdefault((how, house), {})[name] = None
    return {
        row: [Way(how, tuple(names), house=house) for (how, house), names in ways.items()]
        for row, ways in cited.items()
    }


def _citing(pack: Pack, policy: Policy) -> Iterator[tuple[str, str, Iterable[Citation], bool]]:
    """Everything that cites: its way, its name, what it cites, and whether that is house policy."""
    for text in pack.rules:
        yield "text", text.id, text.cites, False
    for name, rule in policy.rules.items():
        for value in rule.values[-1:]:  # the one in force from now on; older ones judge old decisions again
            yield "contact", name, value.cites, value.house
    told = {f"visit.{name}": rule for name, rule in policy.visit.items()}
    told |= {f"call.{name}": rule for name, rule in policy.call.items()}
    told |= {f"plan.{name}": rule for name, rule in policy.plan.items()}
    for name, rule in told.items():
        for value in rule.values[-1:]:
            yield "sheet", name, value.cites, value.house
    for name, request in policy.requests.items():
        for given in request.values[-1:]:
            yield "clock", name, given.cites, given.house
            yield "clock", name, given.clock.cites, given.clock.house
            if given.review is not None:
                yield "clock", name, given.review.cites, False
    if (pack.folder / TALK_FILE).is_file():
        talk = load_talk(pack)
        for check in (*(item.check for item in talk.items), *talk.checks.values()):
            yield "call", check.rule, check.cites, check.house


def _known(pack: Pack, policy: Policy) -> dict[str, list[str]]:
    """Way → the names that an entry may give as its rules. A notice is named like a request."""
    known: dict[str, list[str]] = {how: [] for how in _RULED}
    for how, name, _, _ in _citing(pack, policy):
        if how in known:
            known[how].append(name)
    known["clock"].extend(policy.notices)
    return known


def _read_entries(
    pack: Pack, known: Mapping[str, frozenset[str]], faults: list[Fault]
) -> tuple[dict[str, str], dict[str, tuple[Way, ...]]]:
    try:
        raw = tomllib.loads((pack.folder / FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(pack.name, [Fault(FILE, None, None, f"cannot be read: {error}")]) from error
    top = Table(raw, FILE, None, faults)
    subjects = {str(name): str(word) for name, word in top.take("subject", "table", {}).items()}
    entries: dict[str, tuple[Way, ...]] = {}
    for name, entry in top.take("row", "table", {}).items():
        table = Table(entry, FILE, name, faults)
        if name not in pack.citations:
            table.fault(None, "is no row of rules.csv")
        entries[name] = (_read_way(table, known, pack),)
    top.finish()
    return subjects, entries


def _read_way(table: Table, known: Mapping[str, frozenset[str]], pack: Pack) -> Way:
    how = table.choose("how", WAYS)
    ids: tuple[str, ...] = table.take("rules", "words", ()) if how in _RULED else ()
    for name in ids:
        if name not in known[how]:
            table.fault("rules", f"{name!r} is no rule of that kind")
    where = str(table.take("where", "text", "")) if how in ("field", "screen") else None
    note = str(table.take("note", "text", ""))
    if how == "text":
        ids = _shown(table, pack)
    table.finish()
    return Way(how, ids, where, note, how == "house")


def _shown(table: Table, pack: Pack) -> tuple[str, ...]:
    """The rules of the named categories that find the example."""
    categories, example = table.take("categories", "words", ()), _read_example(table)
    if example is None:
        return ()
    findings = find(Text.of(example.text), example, pack)
    ids = tuple(dict.fromkeys(finding.rule for finding in findings if finding.category in categories))
    if not ids:
        table.fault("example", f"no rule of {', '.join(categories)} finds it")
    return ids


def _read_example(table: Table) -> Message | None:
    """A text, or a table of a text and for whom it is."""
    table.asked.add("example")
    raw: Any = table.raw.get("example")
    fields = {"text": raw} if isinstance(raw, str) else raw
    if not isinstance(fields, dict) or not fields.get("text") or set(fields) - {"text", "audience"}:
        table.fault("example", "must be a text, or a table of `text` and `audience`, that a rule finds")
        return None
    if fields.get("audience", "debtor") not in AUDIENCES:
        table.fault("example", f"audience is one of {', '.join(AUDIENCES)}")
        return None
    return Message(**fields, channel="call")


def _line(row: Row) -> str:
    cite = row.cite
    source = cite_articles(cite.source, cite.article) if row.is_verified else f"未核实（{cite.source}）"
    how = "<br>".join(_way(way) for way in row.ways)
    notes = "<br>".join(way.note for way in row.ways if way.note)
    cells = (cite.rule, row.summary, source, _STANDING[cite.confidence], how, notes)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _way(way: Way) -> str:
    name = WAYS[way.how] + ("（机构策略）" if way.house and way.how != "house" else "")
    detail = "、".join(f"`{name}`" for name in way.ids) or (f"`{way.where}`" if way.where else "")
    return f"{name}：{detail}" if detail else name
