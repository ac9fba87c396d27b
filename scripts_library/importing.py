"""Taking scripts from a file: what is sound becomes drafts, what is not is named, and the rest is kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.judge.types import InvalidInput
from scripts_library.editing import draft, head_of, new_version, revise, wording_of
from scripts_library.models import Script, ScriptVersion
from scripts_library.screening import Screener, screen_wording
from scripts_library.searching import newest_versions
from scripts_library.tables import HEADS, TextRow, read_table
from scripts_library.wording import (
    INTENTS,
    ONLY,
    SCRIPT_AUDIENCES,
    SCRIPT_CHANNELS,
    SCRIPT_STAGES,
    Branch,
    ScriptHead,
    Wording,
    wording_faults,
)

REMEDIES = {
    "key": "编号形如 middle.plan.offer，一个文件里不重复",
    "stage": f"请写 {' '.join(SCRIPT_STAGES)} 之一",
    "audience": f"请写 {' '.join(SCRIPT_AUDIENCES)} 之一",
    "channels": f"请写 {' '.join(SCRIPT_CHANNELS)} 中的一个或几个，用空格分开",
    "intent": f"请留空，或写 {' '.join(INTENTS)} 之一",
    "only": f"请留空，或写 {' '.join(ONLY)} 中的一个或几个，用空格分开",
    "say": "请改正文字",
    "must_say": "每行一条；写到的变量要在“说什么”里说到",
    "article": "请写规则编号，用空格分开；未核实的规则不能引用",
    "branches": "每行一条：意图，空格，话术编号",
    "valid_from": "请写成 2026-03-01",
    "valid_until": "请写成 2026-03-01，不早于生效日",
}
"""What to do about a wrong field."""
_HEAD_FIELDS = ("stage", "scene", "title", "audience", "channels", "products", "intent", "only")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field of one row."""

    row: int
    field: str
    wrong: str

    def sentence(self, file: str) -> str:
        """File, row, field, what is wrong, and what to do."""
        remedy = REMEDIES.get(self.field, "请改正后再导入")
        return f"{file} 第 {self.row} 行“{HEADS.get(self.field, self.field)}”：{self.wrong}。{remedy}。"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became (or, in a dry run, would become) of a row: ``new``, ``version``, ``revised`` or ``unchanged``."""

    row: int
    key: str
    what: str
    decision: str | None
    """The verdict on the words; ``None`` where nothing changes."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. In a dry run nothing was changed."""

    file: str
    dry_run: bool
    taken: tuple[Taken, ...]
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.what for one in self.taken)

    def lines(self) -> list[str]:
        """The report for people: a line for each problem, then the sum."""
        counts = self.counts
        refused = len({problem.row for problem in self.problems})
        return [problem.sentence(self.file) for problem in self.problems] + [
            f"{'试运行 ' if self.dry_run else ''}新建 {counts['new']}，新版本 {counts['version']}，"
            f"改草稿 {counts['revised']}，无变化 {counts['unchanged']}，退回 {refused} 行"
        ]


def import_scripts(
    db: Database, judge: Screener, file: str, raw: bytes, *, author: str, now: datetime, dry_run: bool = False
) -> ImportReport:
    """Make drafts of the scripts of ``raw``, the content of ``file``: new scripts, or new versions of known ones.

    Every row is a transaction of its own. Nothing is published: what was imported is submitted and approved like
    everything else.

    Raises:
        InvalidInput: the file as a whole cannot be read.
    """
    taken: list[Taken] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for row in read_table(file, raw):
        try:
            head, wording = _script_of(row, first)
            taken.append(_take(db, judge, row.row, head, wording, author, now, dry_run))
        except _Refused as refused:
            problems += [Problem(row.row, field, wrong) for field, wrong in refused.faults]
        except InvalidInput as error:
            problems.append(Problem(row.row, error.field or "key", error.message))
    return ImportReport(file, dry_run, tuple(taken), tuple(problems))


class _Refused(Exception):
    """A row with these faults: field and what is wrong."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = faults


def _script_of(row: TextRow, first: dict[str, int]) -> tuple[ScriptHead, Wording]:
    faults = list(row.bad.items())
    key = row.values.get("key", "")
    if key and key in first:
        faults.append(("key", f"与第 {first[key]} 行重复 / the same as in row {first[key]}"))
    first.setdefault(key, row.row)
    since, until = (_day(row.values.get(name, ""), name, faults) for name in ("valid_from", "valid_until"))
    head, wording = _head(row.values), replace(_wording(row.values), valid_from=since, valid_until=until)
    faults += [(fault.field or "key", fault.message) for fault in wording_faults(head, wording)]
    if faults:
        raise _Refused(faults)
    return head, wording


def _head(values: dict[str, str]) -> ScriptHead:
    return ScriptHead(
        key=values.get("key", ""),
        stage=values.get("stage", ""),
        scene=values.get("scene", ""),
        title=values.get("title", ""),
        channels=tuple(values.get("channels", "").split()) or ("call",),
        products=tuple(values.get("products", "").split()),
        only=tuple(values.get("only", "").split()),
        audience=values.get("audience") or "debtor",
        intent=values.get("intent") or None,
    )


def _wording(values: dict[str, str]) -> Wording:
    pairs = [line.strip().rpartition(" ") for line in values.get("branches", "").splitlines() if line.strip()]
    return Wording(
        say=values.get("say", ""),
        why=values.get("why", ""),
        avoid=values.get("avoid", ""),
        must_say=tuple(line.strip() for line in values.get("must_say", "").splitlines() if line.strip()),
        article=tuple(values.get("article", "").split()),
        branches=tuple(Branch(answer.strip(), key) for answer, _, key in pairs),
    )


def _day(text: str, name: str, faults: list[tuple[str, str]]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append((name, f"{text[:20]} 不是日期 / is no date"))
        return None


def _take(
    db: Database, judge: Screener, row: int, head: ScriptHead, wording: Wording, author: str, now: datetime,
    dry_run: bool,
) -> Taken:  # fmt: skip
    def act(session: Session) -> Taken:
        known = session.execute(newest_versions().where(Script.key == head.key)).one_or_none()
        what = _what(known, head, wording) if known else "new"
        if what == "unchanged":
            return Taken(row, head.key, what, None)
        if dry_run:
            return Taken(row, head.key, what, screen_wording(judge, head, wording.say).verdict.decision.value)
        version = _write(session, judge, what, known, head, wording, author, now)
        return Taken(row, head.key, what, version.verdict["decision"])

    if dry_run:
        with db.read() as session:
            return act(session)
    return db.run(act)


def _what(known: tuple[Script, ScriptVersion], head: ScriptHead, wording: Wording) -> str:
    script, newest = known
    there = head_of(script)
    moved = [name for name in _HEAD_FIELDS if getattr(there, name) != getattr(head, name)]
    if moved:
        raise _Refused(
            [
                (name, "与库里的不同；导入不改已有话术的归属 / differs: an import does not move a script")
                for name in moved
            ]
        )
    if wording_of(newest) == wording:
        return "unchanged"
    if newest.state == "submitted":
        raise _Refused([("key", "有一版正在待审，先批准或退回 / a version waits for approval: decide on it first")])
    return "revised" if newest.state == "draft" else "version"


def _write(
    session: Session, judge: Screener, what: str, known: tuple[Script, ScriptVersion] | None, head: ScriptHead,
    wording: Wording, author: str, now: datetime,
) -> ScriptVersion:  # fmt: skip
    if known is None:
        return draft(session, judge, head, wording, author, now)
    if what == "revised":
        return revise(session, judge, known[1].id, wording, author, now)
    return new_version(session, judge, known[0].id, wording, author, now)


def export_rows(session: Session) -> list[tuple[Script, ScriptVersion]]:
    """Every script with its newest version, in the order of the keys."""
    return [(script, version) for script, version in session.execute(newest_versions().order_by(Script.key))]
