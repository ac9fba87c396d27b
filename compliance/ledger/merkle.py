"""The hash tree of RFC 9162, section 2.1: leaves, nodes, inclusion and consistency proofs. Pure functions over bytes.

A proof asks for the hash of ranges of leaves; where those come from is the caller's affair (``compliance.ledger.tree``
reads a few stored nodes). ``bundle_verifier`` checks proofs with code of its own, so that neither can hide the
other's mistake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Subtree = Callable[[int, int], bytes]
"""The hash of the leaves from the first number (of the first leaf: 0) up to, but not with, the second."""
EMPTY = hashlib.sha256(b"").digest()
"""Root of a tree without leaves."""


def hash_leaf(data: bytes) -> bytes:
    """A leaf; the prefix keeps it from being taken for a node."""
    return hashlib.sha256(b"\0" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """An inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count: int) -> int:
    """The greatest power of two below ``count``, which is at least 2: how many leaves hang on the left."""
    return 1 << (count - 1).bit_length() - 1


def fold(hashes: Sequence[bytes]) -> bytes:
    """Root over the roots of equally high complete subtrees; any number of them, at least one."""
    if len(hashes) == 1:
        return hashes[0]
    middle = split(len(hashes))
    return hash_node(fold(hashes[:middle]), fold(hashes[middle:]))


def inclusion_path(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree of ``size`` leaves, from the leaf upwards."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    return path[::-1]


def consistency_path(first: int, second: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of ``first`` leaves (at least 1) is the beginning of that of ``second``."""
    low, high, path = 0, second, []
    while high != first:
        middle = low + split(high - low)
        if first <= middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    if low:
        path.append(subtree(low, high))
    return path[::-1]


class Frontier:
    """The roots of the complete subtrees of a tree that grows leaf by leaf: constant memory, the root at any time."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append a leaf's hash."""
        carried, node = self.size, leaf
        while carried & 1:
            node = hash_node(self._roots.pop(), node)
            carried >>= 1
        self._roots.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._roots:
            return EMPTY
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = hash_node(left, root)
        return root
