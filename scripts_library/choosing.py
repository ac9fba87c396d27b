"""Finding scripts: what may be served to a collector now, and everything for the trainer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from compliance.judge.types import InvalidInput
from scripts_library.editing import is_in_force
from scripts_library.models import Script, ScriptVersion
from scripts_library.slots import PRODUCTS, slots_in
from scripts_library.wording import ANY_STAGE, Branch


@dataclass(frozen=True, slots=True)
class ServedScript:
    """An approved wording as a collector gets it. ``say`` still holds its slots: see ``fill``."""

    key: str
    version_id: int
    number: int
    stage: str
    scene: str
    title: str
    intent: str | None
    channels: tuple[str, ...]
    audience: str
    say: str
    why: str
    avoid: str
    must_say: tuple[str, ...]
    article: tuple[str, ...]
    only: tuple[str, ...] = ()
    """What it is reserved for (``wording.ONLY``)."""
    branches: tuple[Branch, ...] = ()
    """With which script to go on, by what the answer means."""

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the slots in ``say``, in order."""
        return slots_in(self.say)


def scripts_for(
    session: Session,
    *,
    stage: str,
    channel: str | None = None,
    audience: str = "debtor",
    product: str | None = None,
    on: date,
) -> list[ServedScript]:
    """Approved scripts for a stage (those for any stage included) on the day ``on``, by scene and title.

    Args:
        channel: only scripts for this channel; ``None`` for all.
        product: scripts for this product and those for all products; ``None`` leaves out those for some only.
    """
    query = (
        select(Script, ScriptVersion)
        .join(ScriptVersion, ScriptVersion.script_id == Script.id)
        .where(Script.stage.in_((stage, ANY_STAGE)), Script.audience == audience, ScriptVersion.state == "approved")
        .order_by(Script.id, ScriptVersion.number.desc())
    )
    served: dict[int, ServedScript] = {}
    decided: set[int] = set()
    for script, version in session.execute(query):
        # The newest version that has begun decides: when it has ended, no earlier one comes back.
        if script.id in decided or (version.valid_from is not None and version.valid_from > on):
            continue
        decided.add(script.id)
        if is_in_force(version, on) and _fits(script, channel, product):
            served[script.id] = _serve(script, version)
    return sorted(served.values(), key=lambda one: (one.stage == ANY_STAGE, one.scene, one.key))


_APPROVED = ScriptVersion.state == "approved"
_REVISION = select(
    func.count().filter(_APPROVED),
    func.sum(ScriptVersion.id).filter(_APPROVED),
    func.max(ScriptVersion.approved_at),
    func.max(ScriptVersion.retired_at),
)


def library_revision(session: Session | Connection) -> tuple[object, ...]:
    """Differs whenever a script was published or withdrawn."""
    return tuple(session.execute(_REVISION).one())


def history(session: Session, script_id: int) -> tuple[Script, list[ScriptVersion]]:
    """A script and all its versions, newest first. Raises ``InvalidInput`` (``not_found``)."""
    script = session.get(Script, script_id)
    if script is None:
        raise InvalidInput("没有这条话术 / there is no such script", code="not_found")
    query = select(ScriptVersion).where(ScriptVersion.script_id == script_id).order_by(ScriptVersion.number.desc())
    return script, list(session.scalars(query))


def catalogue(session: Session) -> list[tuple[Script, ScriptVersion]]:
    """Every script with the version to look at: the one being worked on, else the newest."""
    query = (
        select(Script, ScriptVersion)
        .join(ScriptVersion, ScriptVersion.script_id == Script.id)
        .order_by(Script.key, ScriptVersion.number)
    )
    newest: dict[int, tuple[Script, ScriptVersion]] = {}
    for script, version in session.execute(query):
        newest[script.id] = (script, version)
    return list(newest.values())


def _fits(script: Script, channel: str | None, product: str | None) -> bool:
    if channel is not None and channel not in script.channels.split():
        return False
    products = script.products.split()
    # Imported cases may name the product in Chinese.
    return not products or product in products or product in {PRODUCTS.get(code) for code in products}


def _serve(script: Script, version: ScriptVersion) -> ServedScript:
    return ServedScript(
        key=script.key,
        version_id=version.id,
        number=version.number,
        stage=script.stage,
        scene=script.scene,
        title=script.title,
        intent=script.intent,
        channels=tuple(script.channels.split()),
        audience=script.audience,
        only=tuple(script.only.split()),
        say=version.say,
        why=version.why,
        avoid=version.avoid,
        must_say=_lines(version.must_say.splitlines()),
        article=_lines(version.article.split()),
        branches=tuple(Branch(answer, key) for answer, key in version.branches),
    )


def _lines(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.strip() for line in lines if line.strip())
