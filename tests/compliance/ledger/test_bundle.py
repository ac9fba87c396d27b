"""The exported bundle, checked by the verifier that ships in it: another process, the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from compliance import ledger
from compliance.database import Database
from compliance.judge.types import InvalidInput
from compliance.ledger import bundle_verifier, export_bundle
from compliance.ledger.chain import canonical
from compliance.ledger.merkle import Frontier, hash_leaf
from tests.compliance.ledger.test_heads import KEYS, OTHERS, fill, sign

Lines = list[str]
Files = dict[str, str]


@pytest.fixture
def bundle(db: Database, now: datetime, tmp_path: Path) -> Path:
    """Nine entries, signed after the fourth and at the end; one decision with a pack."""
    fill(db, now, 4)
    sign(db, now)
    with db.write() as session:
        body = {"pack": ["cn", "2026.1", "ab" * 32], "text": "张*您好"}
        ledger.append(session, at=now, actor="ming", kind="outreach:decided", subject="outreach:1", body=body)
    fill(db, now, 4)
    path = tmp_path / "bundle.zip"
    assert export_bundle(db, path, KEYS, now) == 9
    return path


def check(bundle: Path, *arguments: str) -> CompletedProcess[str]:
    """With the verifier from the bundle, in an interpreter that sees the standard library alone."""
    script = bundle.parent / "verify.py"
    with zipfile.ZipFile(bundle.parent / "bundle.zip") as archive:
        script.write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "-S", str(script), str(bundle), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def altered(bundle: Path, change: Callable[[Files], None]) -> Path:
    """A copy of the bundle with some of its files changed."""
    with zipfile.ZipFile(bundle) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    change(files)
    copy = bundle.with_name("altered.zip")
    with zipfile.ZipFile(copy, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return copy


def on_lines(change: Callable[[Lines], None]) -> Callable[[Files], None]:
    """A change of the lines of the entries; line 0 is entry 1, the last is the head."""

    def work(files: Files) -> None:
        lines = files["entries.jsonl"].splitlines()
        change(lines)
        files["entries.jsonl"] = "".join(line + "\n" for line in lines)

    return work


def rebuild(lines: Lines) -> None:
    """Make the chain sound in itself again: numbers, links, hashes and the head."""
    before = "0" * 64
    for place, line in enumerate(lines[:-1]):
        entry = json.loads(line) | {"prev": before, "seq": place + 1}
        del entry["hash"]
        before = bundle_verifier.hashlib.sha256(canonical(entry).encode()).hexdigest()
        lines[place] = canonical(entry | {"hash": before})
    lines[-1] = canonical({"head": {"hash": before, "seq": len(lines) - 1}})


def resign(files: Files, seed: str) -> None:
    """Sign every head anew over the entries as they are, and put the key into the bundle."""
    lines = files["entries.jsonl"].splitlines()[:-1]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    public, heads = key.public_key().public_bytes_raw().hex(), []
    for old in json.loads(files["heads.json"]):
        tree = Frontier()
        for line in lines[: old["size"]]:
            tree.add(hash_leaf(bytes.fromhex(json.loads(line)["hash"])))
        hash_ = json.loads(lines[old["size"] - 1])["hash"]
        head = {"at": old["at"], "hash": hash_, "root": tree.root().hex(), "size": old["size"]}
        signature = key.sign(bundle_verifier.PURPOSE + canonical(head).encode()).hex()
        heads.append(head | {"key": public, "signature": signature})
    files["heads.json"], files["key.txt"] = json.dumps(heads), public + "\n"
    files["proofs.json"] = '{"inclusion": [], "consistency": []}'


def replace_in(place: int, old: str, new: str) -> Callable[[Lines], None]:
    def work(lines: Lines) -> None:
        assert old in lines[place]
        lines[place] = lines[place].replace(old, new)

    return work


def swap(lines: Lines) -> None:
    lines[2], lines[5] = lines[5], lines[2]


def forge(seq: int) -> Callable[[Lines], None]:
    def work(lines: Lines) -> None:
        replace_in(seq - 1, "alice", "mallory")(lines)
        rebuild(lines)

    return work


def cut_and_rebuild(lines: Lines) -> None:
    del lines[6:9]
    rebuild(lines)


def swap_and_rebuild(lines: Lines) -> None:
    swap(lines)
    rebuild(lines)


def forge_and_resign(files: Files) -> None:
    on_lines(forge(6))(files)
    resign(files, "2e" * 32)


def test_a_bundle_as_it_was_exported_is_sound(bundle: Path) -> None:
    done = check(bundle, "--key", KEYS.public)
    assert (done.returncode, done.stdout) == (0, "Sound: 9 entries, 2 heads signed with the key you gave.\n")


def test_without_a_key_it_says_whose_word_was_taken(bundle: Path) -> None:
    done = check(bundle)
    assert done.returncode == 0
    assert KEYS.public in done.stdout
    assert "compare it" in done.stdout


FAULTS = {
    "changed": (on_lines(replace_in(4, "张*您好", "李*您好")), "Entry 5 was changed"),
    "changed in another way of writing": (on_lines(replace_in(4, '"seq":5', '"seq": 5')), "Line 5"),
    "removed": (on_lines(lambda lines: lines.pop(2)), "Entry 3 was removed"),
    "some removed": (on_lines(lambda lines: lines.__delitem__(slice(2, 5))), "Entries 3 to 5 were removed"),
    "the first removed": (on_lines(lambda lines: lines.pop(0)), "Entry 1 was removed"),
    "swapped": (on_lines(swap), "Entries 3 and 6 were swapped"),
    "twice": (on_lines(lambda lines: lines.insert(3, lines[1])), "Entry 2 stands twice"),
    "the last removed": (on_lines(lambda lines: lines.pop(8)), "Entry 9 was cut off at the end"),
    "cut with its head": (on_lines(lambda lines: lines.__delitem__(slice(6, None))), "after entry 6 the line"),
    "cut, head rewritten": (on_lines(cut_and_rebuild), "Entries 7 to 9 were cut off at the end: a head over 9"),
    "cut within a line": (
        lambda files: files.update({"entries.jsonl": files["entries.jsonl"][:-40]}),
        "cut off after entry 9",
    ),
    "forged before the first signature": (on_lines(forge(2)), "one of the entries 1 to 4 was changed"),
    "forged after it": (on_lines(forge(6)), "one of the entries 5 to 9 was changed"),
    "swapped and forged": (on_lines(swap_and_rebuild), "one of the entries 1 to 4 was changed"),
    "head rewritten": (on_lines(replace_in(9, '"hash":"', '"hash":"0')), "The head does not match entry 9"),
    "link changed": (on_lines(replace_in(0, '"prev":"00', '"prev":"10')), "Entry 1 was changed"),
    "signature changed": (
        lambda files: files.update({"heads.json": files["heads.json"].replace('"signature": "', '"signature": "00')}),
        "The head over 4 entries was changed",
    ),
    "heads removed": (lambda files: files.update({"heads.json": "[]"}), "The signed heads were removed"),
    "proof changed": (
        lambda files: files.update({"proofs.json": files["proofs.json"].replace('"seq": 9', '"seq": 8')}),
        "The proof that entry 8",
    ),
    "pack removed": (lambda files: files.update({"packs.json": "[]"}), "the pack abababababababab"),
    "file removed": (lambda files: files.pop("proofs.json"), "0 files proofs.json"),
    "signed by another": (forge_and_resign, "signed with another key"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(bundle: Path, fault: str) -> None:
    change, words = FAULTS[fault]
    done = check(altered(bundle, change), "--key", KEYS.public)
    assert (done.returncode, done.stderr) == (1, "")
    assert words in done.stdout


def test_who_forges_the_key_as_well_is_believed_only_without_one(bundle: Path) -> None:
    forged = altered(bundle, forge_and_resign)
    assert check(forged).returncode == 0
    assert "signed with another key" in check(forged, "--key", KEYS.public).stdout


def test_a_head_that_was_kept_tells_a_forgery_even_by_the_owner(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        first = json.loads(archive.read("heads.json"))[0]
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(first))
    assert check(bundle, "--head", str(kept)).returncode == 0

    def forge_as_owner(files: Files) -> None:
        on_lines(forge(2))(files)
        resign(files, "1f" * 32)

    forged = altered(bundle, forge_as_owner)
    assert check(forged, "--key", KEYS.public).returncode == 0
    done = check(forged, "--key", KEYS.public, "--head", str(kept))
    assert "one of the entries 1 to 4 was changed" in done.stdout


def test_a_bundle_cut_short_is_named(bundle: Path) -> None:
    whole = bundle.read_bytes()
    cut = bundle.with_name("cut.zip")
    cut.write_bytes(whole[: len(whole) // 2])
    done = check(cut)
    assert done.returncode == 1
    assert "cut off" in done.stdout


def test_a_byte_changed_inside_is_named(bundle: Path) -> None:
    raw = bytearray(bundle.read_bytes())
    raw[raw.index(b"entries.jsonl") + 60] ^= 1
    bundle.with_name("bad.zip").write_bytes(raw)
    done = check(bundle.with_name("bad.zip"))
    assert (done.returncode, done.stderr) == (1, "")


def test_a_file_that_is_not_there_cannot_be_checked(bundle: Path) -> None:
    assert check(bundle.with_name("none.zip")).returncode == 2


def test_an_empty_ledger_is_not_exported(db: Database, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        export_bundle(db, tmp_path / "bundle.zip", KEYS, now)
    assert list(tmp_path.glob("bundle*")) == []


# RFC 8032, section 7.1: private key, public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_accepts_the_vectors_of_rfc_8032(public: str, message: str, signature: str) -> None:
    assert bundle_verifier.is_signed(bytes.fromhex(message), bytes.fromhex(public), bytes.fromhex(signature))


@pytest.mark.parametrize("at", [0, 31, 32, 63])
def test_ed25519_refuses_a_signature_with_one_byte_changed(at: int) -> None:
    public, message, signature = (bytes.fromhex(part) for part in RFC_8032[2])
    wrong = bytearray(signature)
    wrong[at] ^= 1
    assert not bundle_verifier.is_signed(message, public, bytes(wrong))


def test_ed25519_refuses_the_same_signature_written_otherwise() -> None:
    """S plus the group's order satisfies the equation too: accepted, one signature would have many forms."""
    public, message, signature = (bytes.fromhex(part) for part in RFC_8032[2])
    response = int.from_bytes(signature[32:], "little") + bundle_verifier.ORDER
    assert not bundle_verifier.is_signed(message, public, signature[:32] + response.to_bytes(32, "little"))


@pytest.mark.parametrize("public", [b"", b"\xff" * 32, bytes(31) + b"\x80", (2**255 - 18).to_bytes(32, "little")])
def test_ed25519_refuses_what_is_no_public_key(public: bytes) -> None:
    assert not bundle_verifier.is_signed(b"", public, bytes(64))


def test_ed25519_agrees_with_the_library_on_random_messages() -> None:
    for number in range(8):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        message = bytes(range(number * 7))
        public = key.public_key().public_bytes_raw()
        assert bundle_verifier.is_signed(message, public, key.sign(message))
        assert not bundle_verifier.is_signed(message, public, key.sign(message + b"x"))


def test_the_other_key_of_these_tests_is_another() -> None:
    assert KEYS.public != OTHERS.public
