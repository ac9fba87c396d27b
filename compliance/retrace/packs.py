"""Packs kept as they were when they judged: a verdict names its pack by digest, and the pack is there to judge again.

A pack is published when a process that judges starts with it: stored once, with a ledger entry. It is a ZIP of the
pack's files and of the learned reader; the engine itself is the program's, and may have changed since.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance import ledger
from compliance.database import Database
from compliance.judge import Judge
from compliance.judge.cache import cache_folder, find_cached
from compliance.judge.packs import PackError
from compliance.judge.proof import load_pack
from compliance.judge.reader import SHIPPED, Reader, read_cites
from compliance.retrace.models import PackSnapshot

READER = "reader.npz"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every file in a ZIP: the same files give the same bytes."""


class PackUnavailable(RuntimeError):
    """The pack of a verdict is not kept, or can no longer be loaded. The message is a sentence for the user."""


def publish_pack(db: Database, judge: Judge, now: datetime, actor: str = "system") -> str:
    """Keep the pack that ``judge`` judges with, and enter it in the ledger, unless both have been done.

    Returns: the digest of the snapshot.
    """
    files = _files_of(judge)
    digest = _digest(files)

    def work(session: Session) -> str:
        if session.get(PackSnapshot, digest) is None:
            _keep(session, judge, digest, _zip(files), now, actor)
        return digest

    try:
        return db.run(work)
    except IntegrityError:  # a process that started at the same moment kept it first
        return db.run(work)


def snapshot_digest(judge: Judge) -> str:
    """The digest under which the present pack is kept."""
    return _digest(_files_of(judge))


def judge_of(session: Session, judge: Judge, pack_digest: str, at: datetime) -> Judge:
    """The judge that decided with this pack at that time; ``judge`` itself where nothing has changed since.

    Raises:
        PackUnavailable: it is not kept, was changed, or this version of the program cannot load it.
    """
    kept = session.scalar(
        select(PackSnapshot)
        .where(PackSnapshot.pack_digest == pack_digest, PackSnapshot.at <= at)
        .order_by(PackSnapshot.at.desc())
        .limit(1)
    )
    if kept is None:
        if pack_digest == judge.pack.digest:
            return judge
        raise PackUnavailable("当时的规则包没有留存，无法重新判断。")
    if kept.digest == snapshot_digest(judge):
        return judge
    return _load(kept.digest, kept.pack, kept.content)


def _keep(session: Session, judge: Judge, digest: str, content: bytes, now: datetime, actor: str) -> None:
    pack = judge.pack
    session.add(
        PackSnapshot(
            digest=digest, pack=pack.name, version=pack.version, pack_digest=pack.digest, at=now, content=content
        )
    )
    body = {"pack": [pack.name, pack.version, pack.digest], "snapshot": digest}
    ledger.append(session, at=now, actor=actor, kind="pack:published", subject=f"pack:{pack.name}", body=body)


def _files_of(judge: Judge) -> dict[str, bytes]:
    folder = judge.pack.folder
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in (".toml", ".csv")}
    if judge.reader is not None:
        trained = folder / READER
        files[READER] = (trained if trained.exists() else SHIPPED.with_name(f"reader-{folder.name}.npz")).read_bytes()
    return files


def _digest(files: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@lru_cache(maxsize=4)
def _load(digest: str, name: str, content: bytes) -> Judge:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    if _digest(files) != digest or any(Path(one).name != one for one in files):
        raise PackUnavailable("留存的规则包与其摘要不符，可能被改动，无法重新判断。")
    root = cache_folder() / "packs" / digest
    folder = root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        find_cached(str(folder.relative_to(cache_folder())))
        for one, written in files.items():
            (folder / one).write_bytes(written)
    except OSError as error:
        raise PackUnavailable(f"当时的规则包无处可展开，或缓存文件夹他人也可写入，无法重新判断：{error}") from error
    try:
        pack = load_pack(name, root)
        reader = None
        if READER in files:
            reader = Reader.load(folder / READER, read_cites(folder / "reader.toml", pack.citations))
        judge = Judge(pack, reader, kept=True)
        _ = judge.policy  # a contact policy that no longer loads is named here
        return judge
    except (PackError, ValueError, KeyError, TypeError) as error:
        raise PackUnavailable(f"本版程序已不能载入当时的规则包，无法重新判断：{str(error)[:300]}") from error
