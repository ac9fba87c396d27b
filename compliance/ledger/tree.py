"""The tree over the entries, kept as few stored nodes: a proof reads some tiles, whatever the length of the ledger.

Leaf ``n - 1`` is made of the 32 bytes of entry ``n``'s hash. The root of every complete 256 leaves is stored as a node
of level 1, of every complete 256 of those as a node of level 2, and so on: a million entries have 3,921 nodes. They are
added when a head is signed, not when an entry is appended, where everybody would wait for it.

Nobody has to trust what is stored: a proof made from a changed node does not lead to a signed root.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.database import Database
from compliance.ledger.merkle import fold, hash_leaf, hash_node, split
from compliance.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerTree

TREE_ID = 1
WIDTH = 256
BITS = 8
"""``WIDTH`` is 2 to the power of this."""
TILES_AT_ONCE = 64
"""Tiles that one transaction adds: appending waits for it on SQLite."""


class LedgerChanged(RuntimeError):
    """The stored ledger is not the one that was signed. Nothing is signed or proven on it."""


class StoredTree:
    """Hashes of ranges of leaves, read tile by tile; one object for one proof or one signature."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, low: int, high: int) -> bytes:
        """The hash of leaves ``low`` up to, not with, ``high``; a range such as proofs ask for.

        Raises:
            LedgerChanged: an entry or a node is missing.
        """
        count = high - low
        if count & (count - 1) == 0:
            return self._complete(low, count.bit_length() - 1)
        middle = low + split(count)
        return hash_node(self.subtree(low, middle), self.subtree(middle, high))

    def _complete(self, low: int, height: int) -> bytes:
        level, rest = divmod(height, BITS)
        first, count = low >> BITS * level, 1 << rest
        tile, start = divmod(first, WIDTH)
        hashes = self._tile(level, tile)[start : start + count]
        if len(hashes) < count:
            missing = (first + len(hashes) << BITS * level) + 1
            raise LedgerChanged(f"Entry {missing} or what is stored about it is missing.")
        return fold(hashes)

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._tiles:
            self._tiles[level, number] = read_hashes(self._session, level, number * WIDTH, WIDTH)
        return self._tiles[level, number]


def grow(db: Database) -> int:
    """Store the nodes of all tiles that are complete and not stored yet, in short transactions.

    Returns: how many leaves the stored nodes cover.
    """
    while True:
        before, after = db.run(_grow)
        if before == after:
            return after


def lock_tree(session: Session) -> LedgerTree:
    """The row that whoever adds nodes or signs holds until the commit."""
    return session.execute(
        select(LedgerTree).where(LedgerTree.id == TREE_ID).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def read_hashes(session: Session, level: int, first: int, count: int) -> list[bytes]:
    """At most ``count`` hashes of a level from number ``first`` on, up to the first that is missing."""
    if level == 0:
        column = LedgerEntry.seq
        query = select(column, LedgerEntry.hash).where(column > first, column <= first + count).order_by(column)
        found = [(seq - 1, hash_leaf(bytes.fromhex(hash_))) for seq, hash_ in session.execute(query)]
    else:
        number = LedgerNode.number
        query = select(number, LedgerNode.hash).where(LedgerNode.level == level)
        query = query.where(number >= first, number < first + count).order_by(number)
        found = [(place, bytes.fromhex(hash_)) for place, hash_ in session.execute(query)]
    hashes = []
    for place, (number_found, hash_found) in enumerate(found, first):
        if number_found != place:
            break
        hashes.append(hash_found)
    return hashes


def _grow(session: Session) -> tuple[int, int]:
    tree = lock_tree(session)
    before = tree.size
    last = session.scalar(select(LedgerHead.seq)) or 0
    for _ in range(TILES_AT_ONCE):
        if tree.size + WIDTH > last:
            break
        _add_tile(session, tree.size // WIDTH)
        tree.size += WIDTH
    return before, tree.size


def _add_tile(session: Session, number: int) -> None:
    """Store the root over tile ``number`` of the leaves, and over every higher tile that this one completes."""
    level = 1
    while True:
        hashes = read_hashes(session, level - 1, number * WIDTH, WIDTH)
        if len(hashes) < WIDTH:
            missing = (number * WIDTH + len(hashes) << BITS * (level - 1)) + 1
            raise LedgerChanged(f"Entry {missing} or what is stored about it is missing.")
        session.add(LedgerNode(level=level, number=number, hash=fold(hashes).hex()))
        session.flush()
        if (number + 1) % WIDTH:
            return
        level, number = level + 1, number // WIDTH
