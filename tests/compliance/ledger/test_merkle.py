"""The tree against the definitions of RFC 9162, written as plainly as they stand there."""

from __future__ import annotations

import hashlib

import pytest

from compliance.ledger.bundle_verifier import is_consistent, root_of_inclusion
from compliance.ledger.merkle import (
    EMPTY,
    Frontier,
    consistency_path,
    fold,
    hash_leaf,
    hash_node,
    inclusion_path,
)

SIZES = range(1, 34)


def leaves(count: int) -> list[bytes]:
    return [hash_leaf(bytes([number])) for number in range(count)]


def root_by_definition(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = max(2**power for power in range(10) if 2**power < len(hashes))
    return hash_node(root_by_definition(hashes[:half]), root_by_definition(hashes[half:]))


def subtree_of(hashes: list[bytes]):  # type: ignore[no-untyped-def]
    return lambda low, high: root_by_definition(hashes[low:high])


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert EMPTY == Frontier().root() == hashlib.sha256().digest()


def test_a_leaf_and_a_node_of_the_same_bytes_differ() -> None:
    assert hash_leaf(b"\1" * 32 + b"\2" * 32) != hash_node(b"\1" * 32, b"\2" * 32)


# From the test data of the Certificate Transparency project: roots over these inputs, one more each time.
CT_INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_roots_are_those_of_certificate_transparency() -> None:
    tree, roots = Frontier(), []
    for data in CT_INPUTS:
        tree.add(hash_leaf(bytes.fromhex(data)))
        roots.append(tree.root().hex())
    assert roots == CT_ROOTS


@pytest.mark.parametrize("size", SIZES)
def test_growing_and_folding_give_the_root_of_the_definition(size: int) -> None:
    tree = Frontier()
    for leaf in leaves(size):
        tree.add(leaf)
    assert tree.root() == fold(leaves(size)) == root_by_definition(leaves(size))


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_proven(size: int) -> None:
    hashes = leaves(size)
    paths = [inclusion_path(index, size, subtree_of(hashes)) for index in range(size)]
    roots = {root_of_inclusion(hashes[index], index, size, path) for index, path in enumerate(paths)}
    assert roots == {root_by_definition(hashes)}


@pytest.mark.parametrize("size", SIZES)
def test_no_leaf_is_proven_at_another_place(size: int) -> None:
    hashes = leaves(size)
    path = inclusion_path(0, size, subtree_of(hashes))
    wrong = [root_of_inclusion(hashes[0], index, size, path) for index in range(1, size)]
    assert root_by_definition(hashes) not in wrong


@pytest.mark.parametrize("second", SIZES)
def test_every_beginning_is_proven(second: int) -> None:
    hashes = leaves(second)
    results = [
        is_consistent(first, second, root_by_definition(hashes[:first]), root_by_definition(hashes), path)
        for first in range(1, second + 1)
        for path in [consistency_path(first, second, subtree_of(hashes))]
    ]
    assert all(results)


@pytest.mark.parametrize("second", SIZES[1:])
def test_no_other_beginning_is_proven(second: int) -> None:
    hashes = leaves(second)
    other = [hash_leaf(b"other"), *hashes[1:]]
    results = [
        is_consistent(first, second, root_by_definition(other[:first]), root_by_definition(hashes), path)
        for first in range(1, second)
        for path in [consistency_path(first, second, subtree_of(hashes))]
    ]
    assert not any(results)


def test_a_proof_that_is_too_long_or_too_short_proves_nothing() -> None:
    hashes = leaves(11)
    path = inclusion_path(6, 11, subtree_of(hashes))
    assert root_of_inclusion(hashes[6], 6, 11, [*path, EMPTY]) is None
    assert root_of_inclusion(hashes[6], 6, 11, path[:-1]) is None
