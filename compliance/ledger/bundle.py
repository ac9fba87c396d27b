"""The ledger as a bundle that somebody outside can check without this program."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger import bundle_verifier as names
from compliance.ledger.export_file import export
from compliance.ledger.heads import head_to_dict, prove_consistency, prove_entry, sign_head, signed_heads
from compliance.ledger.models import SignedHead
from compliance.ledger.signing import LedgerKeys

VERIFIER = Path(names.__file__)
README = """\
正言 Zhengyan: an exported ledger / 台账导出包

用法：解压 verify.py，然后运行（需要 Python 3.9 以上，不需要别的）：
    python verify.py BUNDLE.zip --key <公钥>
公钥请通过另外的途径向台账所有者索取，并与 key.txt 比对。

To check it: take verify.py out (or use your own copy of it) and run the line above, with the ledger's public key as you
got it from its owner by another way. It needs Python 3.9 or later and nothing else.

entries.jsonl  every entry, one a line, masked; a line without its "hash" is what that SHA-256 was computed over;
               the last line is the head
heads.json     the signed heads: "root" is that of the RFC 9162 tree whose leaf n is the 32 bytes of entry n's hash
proofs.json    consistency proofs from each signed head to the next, inclusion proofs of the last entry of each
packs.json     the rule packs that decisions were made with, and the first and last such entry
key.txt        the public keys (Ed25519, hexadecimal), the present one first
"""


def export_bundle(db: Database, path: Path, keys: LedgerKeys, now: datetime) -> int:
    """Sign the head as it is and write the bundle; it appears whole or not at all.

    Returns: the number of entries.
    Raises:
        InvalidInput: there is nothing to export.
        LedgerChanged: the entries are not those that were signed; ``verify`` names the first.
        OSError: it cannot be written.
    """
    if sign_head(db, keys, now) is None:
        raise InvalidInput("台账还是空的，没有可导出的内容。", code="empty_ledger")
    with db.read() as session, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder) / "bundle.zip"
        entries = Path(folder) / names.ENTRIES
        heads = signed_heads(session)
        count = export(session, entries, upto=heads[-1].size)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(entries, names.ENTRIES)
            archive.writestr(names.HEADS, _json([head_to_dict(one) for one in heads]))
            archive.writestr(names.PROOFS, _json(_proofs(session, heads)))
            archive.writestr(names.PACKS, _json(_packs(entries)))
            archive.writestr(names.KEYS, "".join(f"{key}\n" for key in keys.publics))
            archive.write(VERIFIER, "verify.py")
            archive.writestr("README.txt", README)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    return count


def _proofs(session: Session, heads: list[SignedHead]) -> dict[str, object]:
    sizes = sorted({one.size for one in heads})
    inclusions = [prove_entry(session, one.size, one) for one in heads]
    pairs = [prove_consistency(session, first, second) for first, second in pairwise(sizes)]
    return {
        "inclusion": [{"seq": one.seq, "size": one.head.size, "path": one.path} for one in inclusions],
        "consistency": [{"first": one.first, "second": one.second, "path": one.path} for one in pairs],
    }


def _packs(entries: Path) -> list[dict[str, object]]:
    """The packs that the exported decisions name."""
    packs: dict[str, dict[str, object]] = {}
    with entries.open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            pack = json.loads(entry["body"]).get("pack") if "body" in entry else None
            if isinstance(pack, list) and len(pack) == 3 and pack[2]:
                name, version, digest = pack
                known = packs.setdefault(digest, {"digest": digest, "name": name, "version": version,
                                                  "first": entry["seq"], "last": 0, "decisions": 0})  # fmt: skip
                known |= {"last": entry["seq"], "decisions": int(str(known["decisions"])) + 1}
    return list(packs.values())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
