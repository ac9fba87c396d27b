"""What the pages of this desk show, read in one place: the tree, the list, one script, a checked wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.suggestions.uses import Uses, count_uses, uses_of
from compliance.judge import Judge
from compliance.judge.types import Verdict
from scripts_library import Article, ScriptHead, articles, fill, history, screen_wording, slots_in
from scripts_library.branching import Step, steps_from, steps_to
from scripts_library.models import Script, ScriptComment, ScriptNotice, ScriptVersion
from scripts_library.remarks import comments_of, notices_for
from scripts_library.searching import PAGE, Asked, Found, count_scenes, count_waiting, find_scripts
from scripts_library.slots import slot_faults
from scripts_library.wording import ANY_STAGE, SCRIPT_STAGES
from web.accounts import trainers
from web.library.comparing import Change, compare_versions
from web.library.highlighting import Part, excerpt, highlight
from web.library.words import SLOT
from web.marking import Piece, pieces

MOST_NEAR = 300
"""Scripts that are listed beside the form."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tree of all scripts, and a page of those that were asked for."""

    tree: list[tuple[str, int, list[tuple[str, int]]]]
    """Stage, its number of scripts, its scenes with theirs."""
    found: Found
    page: int
    total: int
    waiting: int
    uses: Mapping[int, int]
    notices: list[tuple[ScriptNotice, Script, ScriptVersion]]

    @property
    def pages(self) -> int:
        return max(-(-self.found.total // PAGE), 1)

    def title(self, title: str) -> list[Part]:
        return highlight(title, self.found.words)

    def gist(self, say: str) -> list[Part]:
        """The words in one line, their slots named, from where the first word that was looked for stands."""
        return excerpt(gist(say), self.found.words)


@dataclass(frozen=True, slots=True)
class Page:
    """One script: the version that is looked at, all versions, and the changes against the one before."""

    script: Script
    version: ScriptVersion
    versions: list[ScriptVersion]
    slots: list[tuple[str, str]]
    cites: list[tuple[str, Article | None]]
    compared: ScriptVersion | None
    changes: Mapping[str, list[Change]]
    onward: list[Step]
    before: list[Step]
    remarks: list[tuple[ScriptComment, int]]
    uses: Uses
    uses_by_version: Mapping[int, Uses]

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier version may be taken up again: not while another is being worked on."""
        return self.versions[0].state not in ("draft", "submitted")


@dataclass(frozen=True, slots=True)
class Checked:
    """What the judge says of a wording with the values that strain it most."""

    verdict: Verdict | None
    pieces: list[Piece]
    faults: list[str]
    channel: str | None = None


def load_shelf(session: Session, asked: Asked, page: int, reader: str) -> Shelf:
    """``page`` from 1, ``reader`` is the trainer whose notices are shown."""
    counts = count_scenes(session)
    tree = [
        (stage, sum(count for (at, _), count in counts.items() if at == stage), _scenes(counts, stage))
        for stage in SCRIPT_STAGES
    ]
    found = find_scripts(session, asked, offset=(page - 1) * PAGE)
    uses = count_uses(session, [script.id for script, _ in found.rows])
    notices = notices_for(session, reader, trainers(session))
    return Shelf(tree, found, page, sum(counts.values()), count_waiting(session), uses, notices)


def gist(say: str) -> str:
    """The words in one line, their slots named."""
    return " ".join(fill(say, {name: f"［{SLOT.get(name, name)}］" for name in slots_in(say)}).split())


def load_page(session: Session, script_id: int, number: int | None, against: int | None) -> Page:
    """Raises ``InvalidInput`` where there is no such script; an unknown version shows the newest."""
    script, versions = history(session, script_id)
    by_number = {version.number: version for version in versions}
    version = by_number.get(number or 0, versions[0])
    compared = by_number.get(against if against is not None else version.number - 1)
    known = articles()
    uses, uses_by_version = uses_of(session, script_id)
    return Page(
        script=script,
        version=version,
        versions=versions,
        slots=[(slot, str(SLOT[slot])) for slot in slots_in(version.say) if slot in SLOT],
        cites=[(rule, known.get(rule)) for rule in version.article.split()],
        compared=compared,
        changes=compare_versions(compared, version) if compared is not None else {},
        onward=steps_from(session, version),
        before=steps_to(session, script.key),
        remarks=comments_of(session, script_id),
        uses=uses,
        uses_by_version=uses_by_version,
    )


def check(judge: Judge, head: ScriptHead, say: str) -> Checked | None:
    """``None`` where there are no words yet."""
    if not say.strip():
        return None
    faults = slot_faults(say, head.audience)
    if faults or not head.channels:
        return Checked(None, [], faults)
    screened = screen_wording(judge, head, say)
    text, findings = screened.message.text, screened.verdict.findings
    return Checked(screened.verdict, pieces(text, findings), [], screened.message.channel)


def known_scenes(session: Session) -> list[str]:
    return sorted({scene for _, scene in count_scenes(session)})


def near_scripts(session: Session, stage: str) -> list[Script]:
    """The scripts to which one of this stage may well lead: of its own stage and of any."""
    query = select(Script).where(Script.stage.in_((stage, ANY_STAGE))).order_by(Script.key).limit(MOST_NEAR)
    return list(session.scalars(query))


def _scenes(counts: Mapping[tuple[str, str], int], stage: str) -> list[tuple[str, int]]:
    return sorted((scene, count) for (at, scene), count in counts.items() if at == stage)
