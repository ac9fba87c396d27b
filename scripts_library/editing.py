"""The life of a version: draft → submitted → approved → retired. Written by one person, approved by another.

Every act screens the words first where they may come nearer to a debtor, then changes the row, and enters the
ledger last. All functions run inside the caller's write transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.judge.types import Decision, InvalidInput
from compliance.judge.wire import verdict_to_dict
from scripts_library.models import Script, ScriptVersion
from scripts_library.screening import Screened, Screener, screen_wording
from scripts_library.wording import Branch, ScriptHead, Wording, check_wording

LONGEST_COMMENT = 500


def draft(
    session: Session, judge: Screener, head: ScriptHead, wording: Wording, author: str, now: datetime
) -> ScriptVersion:
    """A new script with its first version, as a draft.

    Raises:
        InvalidInput: a field is wrong, or the key is taken (``conflict``).
    """
    check_wording(head, wording)
    if session.scalar(select(Script.id).where(Script.key == head.key)) is not None:
        raise InvalidInput(f"编号 {head.key} 已被使用 / the key {head.key} is taken", code="conflict", field="key")
    script = Script(
        key=head.key,
        stage=head.stage,
        scene=head.scene,
        title=head.title,
        intent=head.intent,
        channels=" ".join(head.channels),
        products=" ".join(head.products),
        only=" ".join(head.only),
        audience=head.audience,
    )
    session.add(script)
    session.flush()
    return _add_version(session, judge, script, wording, 1, author, now)


def new_version(
    session: Session, judge: Screener, script_id: int, wording: Wording, author: str, now: datetime
) -> ScriptVersion:
    """A further version of a script, as a draft. What is approved stays in use meanwhile.

    Raises:
        InvalidInput: a field is wrong, there is no such script, or another version is being worked on (``conflict``).
    """
    script = _locked_script(session, script_id)
    check_wording(head_of(script), wording)
    versions = _versions(session, script_id)
    if any(version.state in ("draft", "submitted") for version in versions):
        raise InvalidInput("已有一个未完成的版本 / another version is being worked on", code="conflict")
    number = max((version.number for version in versions), default=0) + 1
    return _add_version(session, judge, script, wording, number, author, now)


def revise(
    session: Session, judge: Screener, version_id: int, wording: Wording, author: str, now: datetime
) -> ScriptVersion:
    """Change a draft. Whoever changes it last is its author, and cannot approve it.

    Raises:
        InvalidInput: a field is wrong, or the version is no draft (``conflict``).
    """
    script, version = _locked(session, version_id, "draft")
    check_wording(head_of(script), wording)
    _write(script, version, wording)
    version.author = author
    _screen(judge, script, version)
    enter(session, "script:revised", script, version, author, now)
    return version


def roll_back(session: Session, judge: Screener, version_id: int, author: str, now: datetime) -> ScriptVersion:
    """A new draft with the words of an earlier version, judged by the present pack and without its dates: to be
    approved like any other.

    Raises:
        InvalidInput: there is no such version (``not_found``), or another is being worked on (``conflict``).
    """
    old = session.get(ScriptVersion, version_id)
    if old is None:
        raise InvalidInput("没有这个版本 / there is no such version", code="not_found")
    wording = replace(wording_of(old), valid_from=None, valid_until=None)
    version = new_version(session, judge, old.script_id, wording, author, now)
    version.comment = f"恢复自第 {old.number} 版 / from version {old.number}"
    return version


def submit_for_approval(session: Session, judge: Screener, version_id: int, actor: str, now: datetime) -> ScriptVersion:
    """Hand a draft to a second person.

    Raises:
        InvalidInput: it is no draft (``conflict``), does not pass the judge (``not_allowed``), or leads to a
            script that is not there (``branches``).
    """
    script, version = _locked(session, version_id, "draft")
    _require_allowed(_screen(judge, script, version))
    _require_branches(session, version)
    version.state = "submitted"
    enter(session, "script:submitted", script, version, actor, now)
    return version


def approve(session: Session, judge: Screener, version_id: int, approver: str, now: datetime) -> ScriptVersion:
    """Put a submitted version in use. It is judged again: the pack may have changed since.

    An earlier approved version is retired at once where this one holds from now, and by date otherwise.

    Raises:
        InvalidInput: it is not submitted (``conflict``), the approver is its author (``forbidden``), or it does
            not pass the judge (``not_allowed``).
    """
    script, version = _locked(session, version_id, "submitted")
    if approver == version.author:
        raise InvalidInput("不能批准自己写的版本 / nobody approves their own words", code="forbidden")
    _require_allowed(_screen(judge, script, version))
    if version.valid_from is None:
        for earlier in _versions(session, script.id):
            if earlier.state == "approved":
                earlier.state, earlier.retired_at = "retired", now
                earlier.comment = f"由第 {version.number} 版取代 / replaced by version {version.number}"
    version.state, version.approver, version.approved_at = "approved", approver, now
    enter(session, "script:approved", script, version, approver, now)
    return version


def send_back(session: Session, version_id: int, actor: str, reason: str, now: datetime) -> ScriptVersion:
    """Return a submitted version to its author with a reason.

    Raises:
        InvalidInput: it is not submitted (``conflict``), or the reason is missing or too long.
    """
    script, version = _locked(session, version_id, "submitted")
    version.state, version.comment = "draft", _reason(reason)
    enter(session, "script:returned", script, version, actor, now)
    return version


def retire(session: Session, version_id: int, actor: str, reason: str, now: datetime) -> ScriptVersion:
    """Take a version out of use; nothing is deleted.

    Raises:
        InvalidInput: it is retired already (``conflict``), or the reason is missing or too long.
    """
    script, version = _locked(session, version_id, "draft", "submitted", "approved")
    version.state, version.retired_at, version.comment = "retired", now, _reason(reason)
    enter(session, "script:retired", script, version, actor, now)
    return version


def head_of(script: Script) -> ScriptHead:
    return ScriptHead(
        key=script.key,
        stage=script.stage,
        scene=script.scene,
        title=script.title,
        channels=tuple(script.channels.split()),
        products=tuple(script.products.split()),
        only=tuple(script.only.split()),
        audience=script.audience,
        intent=script.intent,
    )


def wording_of(version: ScriptVersion) -> Wording:
    return Wording(
        say=version.say,
        why=version.why,
        avoid=version.avoid,
        must_say=tuple(version.must_say.splitlines()),
        article=tuple(version.article.split()),
        branches=tuple(Branch(answer, key) for answer, key in version.branches),
        valid_from=version.valid_from,
        valid_until=version.valid_until,
    )


def is_in_force(version: ScriptVersion, on: date) -> bool:
    """Whether an approved version's dates include the day ``on``, both ends included."""
    began = version.valid_from is None or version.valid_from <= on
    return version.state == "approved" and began and (version.valid_until is None or on <= version.valid_until)


def _add_version(
    session: Session, judge: Screener, script: Script, wording: Wording, number: int, author: str, now: datetime
) -> ScriptVersion:
    version = ScriptVersion(script_id=script.id, number=number, state="draft", author=author, created_at=now)
    _write(script, version, wording)
    _screen(judge, script, version)
    session.add(version)
    session.flush()
    enter(session, "script:drafted", script, version, author, now)
    return version


def _write(script: Script, version: ScriptVersion, wording: Wording) -> None:
    version.say, version.why, version.avoid = wording.say.strip(), wording.why.strip(), wording.avoid.strip()
    version.must_say = "\n".join(wording.must_say)
    version.article = " ".join(wording.article)
    version.branches = [list(branch) for branch in wording.branches]
    version.valid_from, version.valid_until = wording.valid_from, wording.valid_until
    parts = (script.title, script.scene, script.key, version.say, version.must_say, version.why, version.avoid,
             version.article)  # fmt: skip
    script.search_text = "\n".join(parts).lower()


def _screen(judge: Screener, script: Script, version: ScriptVersion) -> Screened:
    screened = screen_wording(judge, head_of(script), version.say)
    version.verdict = verdict_to_dict(screened.verdict)
    version.pack_digest = screened.verdict.digest
    return screened


def _require_allowed(screened: Screened) -> None:
    if screened.verdict.decision is not Decision.ALLOW:
        why = screened.verdict.findings[0].why if screened.verdict.findings else ""
        message = f"这段话术没有通过审核，不能发布：{why} / these words do not pass and cannot be put in use"
        raise InvalidInput(message, code="not_allowed", field="say")


def _require_branches(session: Session, version: ScriptVersion) -> None:
    keys = [key for _, key in version.branches]
    known = set(session.scalars(select(Script.key).where(Script.key.in_(keys)))) if keys else set()
    absent = [key for key in keys if key not in known]
    if absent:
        message = f"话术库里没有 {absent[0]} / there is no script {absent[0]}"
        raise InvalidInput(message, code="branches", field="branches")


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise InvalidInput("请写明理由 / a reason is needed", field="reason")
    if len(reason) > LONGEST_COMMENT:
        raise InvalidInput(f"理由最多 {LONGEST_COMMENT} 个字 / the reason is too long", field="reason")
    return reason


def _locked_script(session: Session, script_id: int) -> Script:
    script = session.scalar(select(Script).where(Script.id == script_id).with_for_update())
    if script is None:
        raise InvalidInput("没有这条话术 / there is no such script", code="not_found")
    return script


def _locked(session: Session, version_id: int, *states: str) -> tuple[Script, ScriptVersion]:
    """The version and its script, whose row is locked: two people at once act one after the other."""
    script_id = session.scalar(select(ScriptVersion.script_id).where(ScriptVersion.id == version_id))
    if script_id is None:
        raise InvalidInput("没有这个版本 / there is no such version", code="not_found")
    script = _locked_script(session, script_id)
    version = session.get_one(ScriptVersion, version_id, populate_existing=True)
    if version.state not in states:
        raise InvalidInput("这个版本的状态已经改变 / the version's state has changed", code="conflict")
    return script, version


def _versions(session: Session, script_id: int) -> list[ScriptVersion]:
    return list(session.scalars(select(ScriptVersion).where(ScriptVersion.script_id == script_id)))


def enter(session: Session, kind: str, script: Script, version: ScriptVersion, actor: str, now: datetime) -> None:
    """Put what happened to a version into the ledger: digests and the state it is in now, never the words."""
    body = {
        "version": version.number,
        "state": version.state,
        "author": version.author,
        "say_digest": hashlib.sha256(version.say.encode()).hexdigest(),
        "decision": version.verdict["decision"],
        "pack_digest": version.pack_digest,
        "comment": version.comment or None,
    }
    ledger.append(session, at=now, actor=actor, kind=kind, subject=f"script:{script.key}", body=body)
