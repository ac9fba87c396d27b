"""Fits linear heads on the grams of texts: the same texts give the same weights. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import Keys, Vocabulary, choose_keys
from compliance.judge.weights import Weights

Numbers = NDArray[np.float64]

STRENGTH = 1.0
"""Inverse of the regularisation of a head."""
SECOND_STRENGTH = 0.1
"""The same of a second layer, which weighs the scores of heads that have not seen the text."""
FOLDS = 5


def fold_of(plain: str) -> int:
    """Shuffled by the text, so that the same words never stand on both sides and the order of a file is nothing."""
    return int.from_bytes(blake2b(plain.encode(errors="replace"), digest_size=4).digest(), "big") % FOLDS


def digest_rows(rows: Iterable[object]) -> str:
    """Eight digits of what was learned from."""
    total = sha256()
    for row in rows:
        total.update(repr(row).encode())
    return total.hexdigest()[:8]


def fit_views(texts: Sequence[Sequence[Keys]], wanted: Sequence[NDArray[np.bool_]]) -> tuple[list[Weights], Numbers]:
    """The weights of each view and the intercept of each head, from text × view and head × text."""
    parts = [_choose_vocabulary([keys[view] for keys in texts]) for view in range(len(texts[0]))]
    features = _features(texts, parts)
    coefficients = np.stack([_fit_head(features, labels) for labels in wanted], axis=1)
    views, at = [], 0
    for vocabulary, idf in parts:
        block = coefficients[at : at + len(idf)] * idf[:, None]
        views.append(Weights(vocabulary, block.astype(np.float32), (idf**2).astype(np.float32)))
        at += len(idf)
    return views, coefficients[-1]


def _choose_vocabulary(grams: Sequence[Keys]) -> tuple[Vocabulary, Numbers]:
    keys, counts = np.unique(np.concatenate([np.unique(text) for text in grams]), return_counts=True)
    chosen = choose_keys(keys, counts, least=2)
    seen = counts[np.searchsorted(keys, chosen)]
    return Vocabulary.of(chosen), np.log((1 + len(grams)) / (1 + seen)) + 1


def _features(texts: Sequence[Sequence[Keys]], parts: Sequence[tuple[Vocabulary, Numbers]]) -> Any:
    """Text × gram of all views: a sparse matrix, each view of length one as ``Weights`` reads it."""
    from scipy import sparse

    blocks = []
    for view, (vocabulary, idf) in enumerate(parts):
        none = np.zeros((len(idf), 0), np.float32)
        reading = Weights(vocabulary, none, (idf**2).astype(np.float32))
        rows, columns, values = [], [], []
        for number, keys in enumerate(texts):
            ids, loudness, norm = reading.loudness(keys[view])
            rows.append(np.full(len(ids), number))
            columns.append(ids.astype(np.int64))
            values.append(loudness * idf[ids] / norm)
        where = (np.concatenate(rows), np.concatenate(columns))
        blocks.append(sparse.csr_matrix((np.concatenate(values), where), shape=(len(texts), len(idf))))
    return sparse.hstack(blocks).tocsr()


def _fit_head(features: Any, wanted: NDArray[np.bool_]) -> Numbers:
    from sklearn.svm import LinearSVC

    if not wanted.any():
        return np.append(np.zeros(features.shape[1]), -1.0)
    head = LinearSVC(C=STRENGTH, random_state=0).fit(features, wanted)
    return np.append(head.coef_[0], head.intercept_)
