"""What the pages of this desk show, read in one place: the tree, the list, one script, a checked wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from compliance.judge import Judge
from compliance.judge.types import Verdict
from scripts_library import Article, ScriptHead, articles, catalogue, fill, history, screen_wording, slots_in
from scripts_library.models import Script, ScriptVersion
from scripts_library.slots import slot_faults
from scripts_library.wording import SCRIPT_STAGES
from web.library.comparing import Change, compare_versions
from web.library.words import SLOT
from web.marking import Piece, pieces


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter in the address; an empty string asks for everything."""

    stage: str = ""
    scene: str = ""
    state: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tree of all scripts, and those that were asked for."""

    tree: list[tuple[str, int, list[tuple[str, int]]]]
    """Stage, its number of scripts, its scenes with theirs."""
    rows: list[tuple[Script, ScriptVersion]]
    total: int
    waiting: int

    def gist(self, say: str) -> str:
        """The words in one line, their slots named."""
        return " ".join(fill(say, {name: f"［{SLOT.get(name, name)}］" for name in slots_in(say)}).split())


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


@dataclass(frozen=True, slots=True)
class Checked:
    """What the judge says of a wording with the values that strain it most."""

    verdict: Verdict | None
    pieces: list[Piece]
    faults: list[str]
    channel: str | None = None


def load_shelf(session: Session, asked: Asked) -> Shelf:
    everything = catalogue(session)
    counts = Counter((script.stage, script.scene) for script, _ in everything)
    tree = [
        (stage, sum(count for (at, _), count in counts.items() if at == stage), _scenes(counts, stage))
        for stage in SCRIPT_STAGES
    ]
    waiting = sum(version.state == "submitted" for _, version in everything)
    rows = [(script, version) for script, version in everything if _is_asked_for(script, version, asked)]
    return Shelf(tree, sorted(rows, key=_place), len(everything), waiting)


def load_page(session: Session, script_id: int, number: int | None, against: int | None) -> Page:
    """Raises ``InvalidInput`` where there is no such script; an unknown version shows the newest."""
    script, versions = history(session, script_id)
    by_number = {version.number: version for version in versions}
    version = by_number.get(number or 0, versions[0])
    compared = by_number.get(against if against is not None else version.number - 1)
    known = articles()
    return Page(
        script=script,
        version=version,
        versions=versions,
        slots=[(slot, str(SLOT[slot])) for slot in slots_in(version.say) if slot in SLOT],
        cites=[(rule, known.get(rule)) for rule in version.article.split()],
        compared=compared,
        changes=compare_versions(compared, version) if compared is not None else {},
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
    return sorted({script.scene for script, _ in catalogue(session)})


def _scenes(counts: Counter[tuple[str, str]], stage: str) -> list[tuple[str, int]]:
    return sorted((scene, count) for (at, scene), count in counts.items() if at == stage)


def _is_asked_for(script: Script, version: ScriptVersion, asked: Asked) -> bool:
    wanted = asked.q.strip().lower()
    text = "\n".join((script.key, script.title, script.scene, version.say, version.article)).lower()
    return (
        asked.stage in ("", script.stage)
        and asked.scene in ("", script.scene)
        and asked.state in ("", version.state)
        and all(word in text for word in wanted.split())
    )


def _place(row: tuple[Script, ScriptVersion]) -> tuple[int, str, str]:
    script, _ = row
    return SCRIPT_STAGES.index(script.stage), script.scene, script.key
