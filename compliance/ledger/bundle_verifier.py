"""Checks an exported ledger without the program that wrote it: python verify.py BUNDLE.zip [--key KEY] [--head FILE]

Needs Python 3.9 or later and nothing else. It shares no code with the program that wrote the bundle.

    --key KEY     the public key of the ledger, 64 hexadecimal digits, as you got it from its owner by another way.
                  Without it the key in the bundle is believed, and whoever forged one could have forged the other.
                  To be given several times where the key was changed.
    --head FILE   a signed head that you were given earlier (JSON): the bundle must be a continuation of it.

What is checked, in this order; the first fault is named, and the exit status is 1:

1. every entry: its SHA-256 over its own fields, its number, its link to the entry before, up to the head;
2. every signed head: its Ed25519 signature (RFC 8032), and the root of the hash tree (RFC 9162) over the entries;
3. every proof in the bundle, with the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2;
4. that the list of rule packs names every pack that a decision was made with.

Exit status: 0 sound, 1 a fault was found, 2 it could not be checked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from typing import Any

ENTRIES, HEADS, PROOFS, PACKS, KEYS = "entries.jsonl", "heads.json", "proofs.json", "packs.json", "key.txt"
ZEROS = "0" * 64
PURPOSE = b"zhengyan-ledger-head-v1\n"
FIELDS = {"actor", "at", "body", "hash", "kind", "prev", "seq", "subject"}


class Fault(Exception):
    """What is wrong, in one sentence."""


def hash_leaf(data: bytes) -> bytes:
    """A leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """An inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """The roots of complete subtrees, from the highest to the lowest: enough for the root over all leaves so far."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf."""
        self.peaks.append(leaf)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self.peaks.pop()
            self.peaks.append(hash_node(self.peaks.pop(), right))

    def root(self) -> bytes:
        """The root, in RFC 9162 the Merkle tree hash."""
        peaks = list(self.peaks)
        while len(peaks) > 1:
            right = peaks.pop()
            peaks.append(hash_node(peaks.pop(), right))
        return peaks[0] if peaks else hashlib.sha256(b"").digest()


def root_of_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to; ``None`` where it does not fit the place and the size."""
    if not 0 <= index < size:
        return None
    number, last, root = index, size - 1, leaf
    for node in path:
        if last == 0:
            return None
        if number & 1 or number == last:
            root = hash_node(node, root)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            root = hash_node(root, node)
        number, last = number >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(first: int, second: int, first_root: bytes, second_root: bytes, path: list[bytes]) -> bool:
    """Whether a consistency proof shows that the first tree is the beginning of the second."""
    if not 1 <= first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if not first & (first - 1):
        path = [first_root, *path]
    if not path:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            new = hash_node(new, node)
        number, last = number >> 1, last >> 1
    return old == first_root and new == second_root and last == 0


# Ed25519 of RFC 8032, section 5.1: verifying only.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # x, y, z, t with x/z, y/z the coordinates and x*y == t*z
NEUTRAL = (0, 1, 1, 0)


def add_points(p: Point, q: Point) -> Point:
    """Complete addition: right for equal points as well."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor: int, point: Point) -> Point:
    """``factor`` times a point. Nothing here is secret, so it need not take the same time for every factor."""
    result: Point = NEUTRAL
    while factor:
        if factor & 1:
            result = add_points(result, point)
        point = add_points(point, point)
        factor >>= 1
    return result


def decode_point(encoded: bytes) -> Point | None:
    """The point of 32 bytes; ``None`` where they are none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(message: bytes, public: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of a message was made with the private half of a public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce = decode_point(public), decode_point(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or BASE is None or response >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    left, right = multiply(response, BASE), add_points(nonce, multiply(challenge, key))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))  # the same x and the same y


def canonical(value: object) -> bytes:
    """JSON as it was hashed: keys sorted, no blanks, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


class Bundle:
    """An opened bundle, and what has been read of it so far."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        names = archive.namelist()
        for name in (ENTRIES, HEADS, PROOFS, PACKS, KEYS):
            if names.count(name) != 1:
                raise Fault(f"The bundle holds {names.count(name)} files {name}; it must hold one.")
        self.archive = archive
        self.tree = Tree()
        self.hashes: list[str] = []
        self.roots: dict[int, bytes] = {}
        self.packs: dict[str, int] = {}
        self.heads = self.json(HEADS, list)
        self.wanted = {str(head.get("size")) for head in self.heads if isinstance(head, dict)}

    def json(self, name: str, kind: type) -> Any:
        """A JSON file of the bundle."""
        try:
            value = json.loads(self.archive.read(name))
        except ValueError as error:
            raise Fault(f"{name} was changed: it is no JSON.") from error
        if not isinstance(value, kind):
            raise Fault(f"{name} was changed: it has another shape.")
        return value


def check_entries(bundle: Bundle) -> None:
    """Every entry and link, and the head at the end."""
    held = None
    with bundle.archive.open(ENTRIES) as file:
        for line in file:
            if held is not None:
                add_entry(bundle, held)
            held = line
    last = len(bundle.hashes)
    if held is None or held[-1:] != b"\n":
        raise Fault(f"{ENTRIES} was cut off after entry {last}: what follows is no whole line.")
    end = read_line(held, last + 1)
    if set(end) != {"head"}:
        raise Fault(f"The ledger was cut off: after entry {end.get('seq', last)} the line with the head is missing.")
    head = end["head"]
    size = head.get("seq") if isinstance(head, dict) else None
    if not isinstance(size, int):
        raise Fault("The head was changed: it has no number.")
    if size > last:
        raise Fault(f"{span(last + 1, size)} cut off at the end: the head is at entry {size}.")
    if size < last or head.get("hash") != (bundle.hashes[-1] if last else ZEROS):
        raise Fault(f"The head does not match entry {last}: one of the two was changed.")


def span(first: int, last: int) -> str:
    """Subject of a sentence about some entries."""
    return f"Entry {first} was" if first == last else f"Entries {first} to {last} were"


def read_line(line: bytes, place: int) -> dict[str, Any]:
    """One line as an object."""
    try:
        value = json.loads(line)
        same = isinstance(value, dict) and canonical(value) + b"\n" == line
    except (ValueError, RecursionError) as error:
        raise Fault(f"Line {place} of {ENTRIES} was changed: it is no JSON. It should be entry {place}.") from error
    if not same:
        raise Fault(f"Line {place} of {ENTRIES} was changed: it is not written as the ledger writes entry {place}.")
    return dict(value)


def add_entry(bundle: Bundle, line: bytes) -> None:
    """Check an entry against the one before, and go on."""
    place = len(bundle.hashes) + 1
    entry = read_line(line, place)
    if set(entry) != FIELDS or not isinstance(entry["seq"], int):
        raise Fault(f"Entry {place} was changed: it has not the fields of an entry.")
    seq, digest = entry["seq"], entry.pop("hash")
    before = bundle.hashes[-1] if bundle.hashes else ZEROS
    if seq != place:
        raise Fault(name_disorder(bundle, place, seq))
    if hashlib.sha256(canonical(entry)).hexdigest() != digest:
        raise Fault(f"Entry {seq} was changed: its fields do not give its hash.")
    if entry["prev"] != before:
        which = f"{seq - 1} was replaced" if seq > 1 else "1 was changed"
        raise Fault(f"Entry {which}: the link from entry {seq} leads to another.")
    bundle.hashes.append(digest)
    bundle.tree.add(hash_leaf(bytes.fromhex(digest)))
    if str(seq) in bundle.wanted:
        bundle.roots[seq] = bundle.tree.root()
    note_pack(bundle, entry)


def name_disorder(bundle: Bundle, place: int, seq: int) -> str:
    """Why another number stands where entry ``place`` belongs."""
    if seq < place:
        return f"Entry {seq} stands twice: once more in line {place}."
    with bundle.archive.open(ENTRIES) as file:
        for other, line in enumerate(file, 1):
            if other > place and b'"seq":%d,' % place in line and read_line(line, other).get("seq") == place:
                return f"Entries {place} and {seq} were swapped: {seq} stands in line {place}, {place} in {other}."
    return f"{span(place, seq - 1)} removed: entry {seq} follows entry {place - 1}."


def note_pack(bundle: Bundle, entry: dict[str, Any]) -> None:
    """Remember which rule pack a decision was made with."""
    try:
        pack = json.loads(entry["body"]).get("pack")
    except (ValueError, TypeError, AttributeError) as error:
        raise Fault(f"Entry {entry['seq']} is damaged: its body is no JSON object.") from error
    if isinstance(pack, list) and len(pack) == 3 and pack[2]:
        bundle.packs.setdefault(str(pack[2]), entry["seq"])


def check_heads(bundle: Bundle, keys: list[str]) -> None:
    """Every signed head: whose it is, and whether the entries are those that were signed."""
    covered = 0
    for head in sorted(bundle.heads, key=lambda head: head.get("size", 0) if isinstance(head, dict) else 0):
        covered = check_head(bundle, head, keys, covered)
    if not bundle.heads and bundle.hashes:
        raise Fault("The signed heads were removed: nothing shows that these are the entries that were signed.")


def check_head(bundle: Bundle, head: Any, keys: list[str], covered: int) -> int:
    """One signed head; returns how many entries are now known to be those that were signed."""
    try:
        size, root, digest, key = head["size"], head["root"], head["hash"], head["key"]
        signed = {"at": head["at"], "hash": digest, "root": root, "size": size}
        public, signature = bytes.fromhex(key), bytes.fromhex(head["signature"])
        if not isinstance(size, int) or size < 1:
            raise ValueError
        message = PURPOSE + canonical(signed)
    except (KeyError, TypeError, ValueError) as error:
        raise Fault("A signed head was changed: it has not the fields of one.") from error
    if key not in keys:
        raise Fault(f"The head over {size} entries was signed with another key, {key}, not with the ledger's.")
    if not is_signed(message, public, signature):
        raise Fault(f"The head over {size} entries was changed: the signature does not fit it.")
    last = len(bundle.hashes)
    if size > last:
        raise Fault(f"{span(last + 1, size)} cut off at the end: a head over {size} entries was signed.")
    if bundle.roots[size].hex() != root or bundle.hashes[size - 1] != digest:
        which = f"one of the entries {covered + 1} to {size}" if covered + 1 < size else f"entry {size}"
        raise Fault(f"These are not the entries that were signed: {which} was changed, and the hashes after it.")
    return size


def check_proofs(bundle: Bundle) -> None:
    """Every proof of the bundle leads from the entries to the signed roots."""
    proofs = bundle.json(PROOFS, dict)
    try:
        for proof in proofs["inclusion"]:
            seq, size = proof["seq"], proof["size"]
            leaf, path = hash_leaf(bytes.fromhex(bundle.hashes[seq - 1])), [bytes.fromhex(one) for one in proof["path"]]
            if seq < 1 or root_of_inclusion(leaf, seq - 1, size, path) != bundle.roots[size]:
                raise Fault(f"The proof that entry {seq} is among the first {size} was changed.")
        for proof in proofs["consistency"]:
            first, second = proof["first"], proof["second"]
            path = [bytes.fromhex(one) for one in proof["path"]]
            if not is_consistent(first, second, bundle.roots[first], bundle.roots[second], path):
                raise Fault(f"The proof that {second} entries continue the first {first} was changed.")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Fault(f"{PROOFS} was changed: a proof is not written as one, or is about no signed head.") from error


def check_packs(bundle: Bundle) -> None:
    """The list of rule packs is complete."""
    listed = {pack.get("digest") for pack in bundle.json(PACKS, list) if isinstance(pack, dict)}
    for digest, seq in bundle.packs.items():
        if digest not in listed:
            raise Fault(f"{PACKS} was changed: the pack {digest[:16]}… that entry {seq} was decided with is missing.")


def verify(path: str, given: list[str], kept: Any = None) -> str:
    """Check a bundle; returns a sentence. Raises Fault with the first fault."""
    try:
        with zipfile.ZipFile(path) as archive:
            bundle = Bundle(archive)
            keys = [key.strip().lower() for key in given] or archive.read(KEYS).decode("ascii", "replace").split()
            if kept is not None:
                bundle.wanted.add(str(kept.get("size")) if isinstance(kept, dict) else "")
            check_entries(bundle)
            check_heads(bundle, keys)
            if kept is not None:
                check_head(bundle, kept, keys, 0)
            check_proofs(bundle)
            check_packs(bundle)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Fault(f"The bundle is damaged or was cut off: {error}.") from error
    whose = "with the key you gave" if given else f"with the key in the bundle, {' '.join(keys)}: compare it"
    return f"Sound: {len(bundle.hashes)} entries, {len(bundle.heads)} heads signed {whose}."


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[], help="the public key of the ledger")
    parser.add_argument("--head", help="a signed head that you were given earlier")
    options = parser.parse_args(arguments)
    try:
        kept = None
        if options.head:
            with open(options.head, encoding="utf-8") as file:  # noqa: PTH123 - the plainest way there is
                kept = json.load(file)
        print(verify(options.bundle, options.key, kept))
    except Fault as fault:
        print(f"FAULT: {fault}")
        return 1
    except (OSError, ValueError) as error:
        print(f"This cannot be checked: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
