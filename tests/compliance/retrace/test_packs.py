"""Packs are kept as they judged, and judge again."""

from __future__ import annotations

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from compliance.database import Database
from compliance.judge import Judge, load_judge
from compliance.judge.packs import PACKS, PackError, read_pack
from compliance.retrace import explain, find, judge_of, publish_pack, snapshot_digest
from compliance.retrace.packs import PackUnavailable, _load
from tests.compliance.gate.world import entries, send, sms

PRESENT = load_judge("cn", reader=False)
WORDS = "我们将在您门口等您。"


@pytest.fixture
def other(tmp_path: Path) -> Judge:
    """The pack as it may have been: house calls a day other than now. Its cases are not run again: they pass."""
    folder = tmp_path / "cn"
    shutil.copytree(PACKS / "cn", folder)
    pack = folder / "pack.toml"
    pack.write_text(pack.read_text(encoding="utf-8") + "\n# earlier\n", encoding="utf-8")
    return Judge(read_pack(folder))


def test_a_pack_is_published_once(db: Database, now: datetime) -> None:
    assert (
        publish_pack(db, PRESENT, now) == publish_pack(db, PRESENT, now + timedelta(days=1)) == snapshot_digest(PRESENT)
    )
    assert entries(db) == [("pack:published", "pack:cn")]


def test_a_pack_is_published_once_by_processes_that_start_together(db: Database, now: datetime) -> None:
    with ThreadPoolExecutor(8) as threads:
        digests = {done.result() for done in [threads.submit(publish_pack, db, PRESENT, now) for _ in range(8)]}
    assert digests == {snapshot_digest(PRESENT)}
    assert entries(db) == [("pack:published", "pack:cn")]


def test_a_changed_pack_is_published_again(db: Database, now: datetime, other: Judge) -> None:
    publish_pack(db, other, now)
    publish_pack(db, PRESENT, now)
    assert [kind for kind, _ in entries(db)] == ["pack:published"] * 2


def test_the_pack_of_a_verdict_judges_again_after_another_took_its_place(
    desk: Database, now: datetime, other: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.retrace.packs.load_pack", lambda name, root: read_pack(root / name))
    publish_pack(desk, other, now)
    send(desk, other, sms("1", WORDS), now)  # type: ignore[arg-type]
    publish_pack(desk, PRESENT, now + timedelta(hours=1))
    send(desk, PRESENT, sms("2", WORDS), now + timedelta(hours=2))  # type: ignore[arg-type]
    with desk.read() as session:
        found = [explain(session, PRESENT, find(session, name)) for name in ("1", "2")]
    assert [one.same for one in found] == [True, True]
    assert [one.again["digest"] for one in found if one.again] == [other.pack.digest, PRESENT.pack.digest]
    assert other.pack.digest != PRESENT.pack.digest


def test_a_pack_of_before_a_contact_rule_was_made_judges_without_it(
    desk: Database, now: datetime, other: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = other.pack.folder / "contact.toml"
    words = contact.read_text(encoding="utf-8")
    tables = re.split(r"(?m)^(?=\[(?:rule|visit|call)\.\w+\]$)", words)
    left_out = ("[rule.visit_unrecorded]", "[visit.", "[call.")
    contact.write_text("".join(one for one in tables if not one.startswith(left_out)), encoding="utf-8")
    with pytest.raises(PackError, match="visit_unrecorded"):
        _ = Judge(read_pack(other.pack.folder)).policy
    before = Judge(read_pack(other.pack.folder), kept=True)
    monkeypatch.setattr("compliance.retrace.packs.load_pack", lambda name, root: read_pack(root / name))
    publish_pack(desk, before, now)
    send(desk, before, sms("1", WORDS), now)  # type: ignore[arg-type]
    with desk.read() as session:
        found = explain(session, PRESENT, find(session, "1"))
    assert (found.same, found.obstacle) == (True, None)


def test_a_kept_pack_that_was_changed_does_not_judge(db: Database, now: datetime, other: Judge) -> None:
    publish_pack(db, other, now)
    publish_pack(db, PRESENT, now)
    with db.write() as session:
        content = "(SELECT content FROM pack_snapshots WHERE digest = :present)"
        session.execute(
            text(f"UPDATE pack_snapshots SET content = {content} WHERE digest != :present"),  # noqa: S608 - our own words
            {"present": snapshot_digest(PRESENT)},
        )
    with db.read() as session, pytest.raises(PackUnavailable, match="与其摘要不符"):
        judge_of(session, PRESENT, other.pack.digest, now)


@pytest.mark.parametrize("trouble", ["anybody may write there", "nobody can"])
def test_a_kept_pack_is_not_judged_with_where_it_could_be_changed(
    db: Database, now: datetime, other: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    publish_pack(db, other, now)
    cache = tmp_path / "cache"
    if trouble == "nobody can":
        cache.write_bytes(b"")
    else:
        cache.mkdir()
        cache.chmod(0o777)
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(cache))
    _load.cache_clear()

    with db.read() as session, pytest.raises(PackUnavailable, match="缓存文件夹"):
        judge_of(session, PRESENT, other.pack.digest, now)


def test_the_present_pack_needs_no_copy(db: Database, now: datetime) -> None:
    publish_pack(db, PRESENT, now)
    with db.read() as session:
        assert judge_of(session, PRESENT, PRESENT.pack.digest, now) is PRESENT
