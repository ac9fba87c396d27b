"""Trains the learned reader from the labelled corpora: the same cases give the same bytes. Needs scikit-learn.

1. Every case is folded as the judge folds it, and dressed in the swaps that must not matter.
2. Each head is a logistic regression on n-gram weights: one for all, one for each kind of audience.
3. Chances are calibrated, and thresholds chosen, on scores of cases by models that have seen neither them nor their
   minimal pairs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.combine import Thresholds
from compliance.judge.grams import Keys, Vocabulary, choose_keys, read_grams
from compliance.judge.reader import HEADS, SHIPPED, Model, lane_of, save_model, view_for_reading
from compliance.judge.swaps import TRAINING
from compliance.judge.text import Text
from compliance.judge.types import CATEGORIES, Decision, Message

LANE_COUNT = 3
LANE_FACTOR = 1.2
"""How much louder a gram's weight for its audience speaks than its weight for everybody."""
STRENGTH = 10.0
"""Inverse of the regularisation; 3 to 30 make no difference that can be measured."""
COPIES = 2
"""Dressed copies of a case, a different choice for each."""
SWAP_WEIGHT = 0.5
"""What one dressed copy counts beside the case itself."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled message. ``group`` is shared by a minimal pair or triple, ``source`` names the file."""

    id: str
    group: str
    source: str
    message: Message
    decision: Decision
    categories: frozenset[str]
    hard: str | None


def read_cases(folder: Path) -> list[Case]:
    """Every labelled Chinese outreach case, in the order of file and line. Raises ``OSError`` where there is none."""
    files = sorted(folder.glob("outreach-*-zh*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no outreach-*-zh*.jsonl")
    return [case for file in files for case in _read_file(file)]


def _read_file(file: Path) -> Iterator[Case]:
    source = file.stem.removeprefix("outreach-")
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Case(
            id=row["id"],
            group=re.sub(r"(?<=\d)[a-z]$", "", row["id"]),
            source=source,
            message=Message(row["text"], row["channel"], row["audience"]),
            decision=Decision(row["decision"]),
            categories=frozenset(row["categories"]),
            hard=row.get("hard"),
        )


def labels_of(cases: Sequence[Case]) -> NDArray[np.bool_]:
    """Case × head."""
    return np.array(
        [
            (
                case.decision is Decision.ALLOW,
                case.decision is Decision.BLOCK,
                *(name in case.categories for name in CATEGORIES),
            )
            for case in cases
        ]
    )


def fold_for_reading(text: str) -> str:
    return view_for_reading(Text.of(text)).plain


@dataclass(frozen=True)
class Dressed:
    """Folded texts to train on: each case as it is, then in each swap that changes it."""

    plains: list[str]
    owners: NDArray[np.int64]
    weights: NDArray[np.float64]


def dress(cases: Sequence[Case]) -> Dressed:
    plains, owners, weights = [], [], []
    for number, case in enumerate(cases):
        text = case.message.text
        copies = sorted({swap(text) for swap in TRAINING.values()} - {text})
        first = number % max(len(copies), 1)
        for copy in (text, *(copies[first:] + copies[:first])[:COPIES]):
            plains.append(fold_for_reading(copy))
            owners.append(number)
            weights.append(1.0 if copy is text else SWAP_WEIGHT)
    return Dressed(plains, np.array(owners), np.array(weights))


def fit(cases: Sequence[Case], dressed: Dressed | None = None) -> Model:
    """A model without calibration or thresholds."""
    dressed = dressed or dress(cases)
    grams = [read_grams(plain) for plain in dressed.plains]
    own = [grams[number] for number in np.flatnonzero(dressed.weights == 1.0)]
    vocabulary, idf = _choose_vocabulary(own)
    lanes = np.array([lane_of(case.message) for case in cases])[dressed.owners]
    features = _features(grams, vocabulary, idf, lanes)
    labels = labels_of(cases)[dressed.owners]
    coefficients = np.stack([_fit_head(features, labels[:, head], dressed.weights) for head in range(len(HEADS))], 1)
    size = len(vocabulary.keys)
    shared, ours = coefficients[:size], coefficients[size : size * (1 + LANE_COUNT)].reshape(LANE_COUNT, size, -1)
    weights = (shared[None] + LANE_FACTOR * ours) * idf[None, :, None]
    squares = np.broadcast_to((idf**2)[None, :, None], (LANE_COUNT, size, 1))
    return Model(
        vocabulary=vocabulary,
        weights=np.concatenate((weights, squares), axis=2).astype(np.float32),
        intercepts=(coefficients[-1] + coefficients[-1 - LANE_COUNT : -1]).astype(np.float32),
        slopes=np.ones(len(HEADS), np.float32),
        offsets=np.zeros(len(HEADS), np.float32),
        thresholds=Thresholds(),
        version="0",
    )


def _choose_vocabulary(grams: Sequence[Keys]) -> tuple[Vocabulary, NDArray[np.float64]]:
    keys, counts = np.unique(np.concatenate([np.unique(text) for text in grams]), return_counts=True)
    chosen = choose_keys(keys, counts, least=2)
    seen = counts[np.searchsorted(keys, chosen)]
    return Vocabulary.of(chosen), np.log((1 + len(grams)) / (1 + seen)) + 1


def _features(grams: Sequence[Keys], vocabulary: Vocabulary, idf: NDArray[np.float64], lanes: NDArray[np.int64]) -> Any:
    """Text × (gram, gram in lane 0, 1, 2, lane): a sparse matrix, each text of length one as ``Model`` reads it."""
    from scipy import sparse  # type: ignore[import-untyped]

    found = [vocabulary.known_keys(text) for text in grams]
    rows = np.repeat(np.arange(len(found)), [len(ids) for ids in found])
    ids = np.concatenate(found).astype(np.int64)
    shape = (len(found), len(vocabulary.keys))
    counts = sparse.csr_matrix((idf[ids], (rows, ids)), shape=shape)
    squares = np.bincount(rows, weights=idf[ids] ** 2, minlength=len(found))
    scaled = sparse.diags(1 / np.sqrt(np.maximum(squares, 1.0))) @ counts
    in_lane = [sparse.diags((lanes == lane) * LANE_FACTOR) @ scaled for lane in range(LANE_COUNT)]
    which = sparse.csr_matrix((lanes[:, None] == np.arange(LANE_COUNT)).astype(float))
    return sparse.hstack([scaled, *in_lane, which]).tocsr()


def _fit_head(features: Any, wanted: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0)
    head.fit(features, wanted, sample_weight=weights)
    return np.append(head.coef_[0], head.intercept_)


def train(corpus: Path, out: Path | None = None) -> list[str]:
    """Train, calibrate and write a model to ``out`` (the shipped file where absent). Returns lines that report it."""
    from compliance.judge.crossval import calibrate, choose_thresholds, out_of_fold, report

    cases = read_cases(corpus)
    dressed = dress(cases)
    scores = out_of_fold(cases, folds=5)
    slopes, offsets = calibrate(scores, labels_of(cases))
    calibrated = replace(fit(cases, dressed), slopes=slopes, offsets=offsets, version=_version_of(cases))
    model = replace(calibrated, thresholds=choose_thresholds(calibrated, cases, scores))
    target = out or SHIPPED
    target.parent.mkdir(parents=True, exist_ok=True)
    save_model(target, model)
    return [f"{len(cases)} cases, {len(model.vocabulary.keys)} grams, version {model.version}: {target.name}",
            *report(model, cases, scores)]  # fmt: skip


def _version_of(cases: Sequence[Case]) -> str:
    """Eight digits of what was learned from: the same cases and code format, the same version."""
    total = sha256()
    for case in cases:
        total.update(repr((case.id, case.message.text, case.decision.value, sorted(case.categories))).encode())
    return total.hexdigest()[:8]
