"""Trains the learned reader from the labelled corpora: the same cases give the same bytes. Needs scikit-learn.

1. Every case is folded as the judge folds it, and dressed in the swaps that must not matter.
2. Each head is a linear support vector machine on n-grams: one for all, one for each kind of audience.
3. Chances are calibrated, and thresholds chosen, on scores of cases by models that have seen neither them nor their
   minimal pairs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.calibration import HEADS, LANE_COUNT, UNFITTED
from compliance.judge.combine import Thresholds
from compliance.judge.core import SIGNED, core_of, is_signed
from compliance.judge.grams import Keys, Vocabulary, choose_keys, lay_out, read_grams
from compliance.judge.reader import SHIPPED, Model, in_bytes, lane_of, save_model, signs_of, view_for_reading
from compliance.judge.swaps import TRAINING, is_neutral
from compliance.judge.text import Text
from compliance.judge.types import CATEGORIES, Decision, Finding, Message

LANE_FACTOR = 1.2
"""How much louder a gram's weight for its audience speaks than its weight for everybody."""
STRENGTH = 1.0
"""Inverse of the regularisation; 0.3 to 3 make no difference that can be measured."""
FOLDS = 4
COPIES = 3
"""Dressed copies of a case at most, a different choice for each."""
RULES_FROM = {"train-zh-written", "train-zh-spoken", "train-zh-adversarial", "train-zh-calls"} | {
    f"train-zh-more-{letter}" for letter in "abcdefgh"
}
"""Files that rules were written from: on all others a rule is worth what it will be worth on new messages."""
SIGN_FACTOR = 0.3
"""How loud a sign of the rules speaks beside the grams of a text, whose length is one."""
COPY_WEIGHT = 0.5
"""What one dressed copy or one sentence counts beside the case itself."""
_SHORTEST_SENTENCE = 6


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


def fresh_of(cases: Sequence[Case]) -> NDArray[np.bool_]:
    """Which cases no rule was written from; all where there are none."""
    fresh = np.array([case.source not in RULES_FROM for case in cases])
    return fresh if fresh.any() else ~fresh


Rules = Callable[[Case], tuple[Finding, ...]]
Signs = Mapping[str, frozenset[str]]
"""Case → what the rules found in it, as far as it may teach."""


def signs_by_case(cases: Sequence[Case], found: Mapping[str, tuple[Finding, ...]]) -> Signs:
    """None for a case that rules were written from: there they are right by making, and would teach too much trust."""
    return {case.id: frozenset(signs_of(found[case.id])) for case in cases if case.source not in RULES_FROM}


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


def fold(text: str) -> str:
    """A text without its disguises, with signature, greeting and closing."""
    return view_for_reading(Text.of(text)).plain


@dataclass(frozen=True)
class Dressed:
    """Folded texts to train on, with the number of the case each comes from, and whether it is the case itself."""

    plains: list[str]
    owners: NDArray[np.int64]
    is_own: NDArray[np.bool_]
    is_part: NDArray[np.bool_]
    """A sentence alone, of which nobody knows whether the rules found anything there."""
    is_signed: NDArray[np.bool_]


def dress(cases: Sequence[Case]) -> Dressed:
    """Each case as it is, in some of the swaps that change it and, where it may go out, sentence by sentence."""
    plains: list[str] = []
    owners: list[int] = []
    is_own: list[bool] = []
    is_part: list[bool] = []
    signed: list[bool] = []
    for number, case in enumerate(cases):
        copies = _copies(case, number)
        sentences = _sentences(case) if case.decision is Decision.ALLOW else []
        folded = [fold(text) for text in (case.message.text, *copies, *sentences)]
        plains += [text[slice(*core_of(text))] for text in folded]
        signed += [is_signed(text) for text in folded]
        owners += [number] * (1 + len(copies) + len(sentences))
        is_own += [True] + [False] * (len(copies) + len(sentences))
        is_part += [False] * (1 + len(copies)) + [True] * len(sentences)
    return Dressed(plains, np.array(owners), np.array(is_own), np.array(is_part), np.array(signed))


def _copies(case: Case, number: int) -> list[str]:
    text = case.message.text
    swaps = [swap for name, swap in TRAINING.items() if is_neutral(name, case.decision, case.categories)]
    copies = sorted({swap(text) for swap in swaps} - {text})
    first = number % max(len(copies), 1)
    return (copies[first:] + copies[:first])[:COPIES]


def _sentences(case: Case) -> list[str]:
    """Of a message that may go out every sentence may; short ones go with the one before."""
    parts: list[str] = []
    for part in re.findall(r"[^。！？!?\n]+[。！？!?\n]*", case.message.text):
        if parts and len(parts[-1]) < _SHORTEST_SENTENCE:
            parts[-1] += part
        else:
            parts.append(part)
    return parts if len(parts) > 1 else []


def fit(cases: Sequence[Case], signs: Signs | None = None) -> Model:
    """A model without calibration or thresholds. ``signs`` is what the rules found in the cases that may teach it."""
    dressed = dress(cases)
    grams = [read_grams(plain) for plain in dressed.plains]
    vocabulary, idf = _choose_vocabulary([grams[number] for number in np.flatnonzero(dressed.is_own)])
    lanes = np.array([lane_of(case.message) for case in cases])[dressed.owners]
    names, marks = _mark(cases, dressed, signs or {})
    features = _features(grams, vocabulary, idf, lanes, marks)
    labels = labels_of(cases)[dressed.owners]
    counts = np.where(dressed.is_own, 1.0, COPY_WEIGHT)
    coefficients = np.stack([_fit_head(features, labels[:, head], counts) for head in range(len(HEADS))], axis=1)
    size = len(vocabulary.keys)
    shared, ours = coefficients[:size], coefficients[size : size * (1 + LANE_COUNT)].reshape(LANE_COUNT, size, -1)
    by_sign = coefficients[-1 - LANE_COUNT - len(names) : -1 - LANE_COUNT]
    weights = (shared[None] + LANE_FACTOR * ours) * idf[None, :, None]
    small, scales = in_bytes(weights.astype(np.float32))
    return Model(
        vocabulary=vocabulary,
        rows=lay_out(vocabulary.keys, small, (idf**2).astype(np.float32)),
        scales=scales,
        signs=dict(zip(names, (SIGN_FACTOR * by_sign).astype(np.float32), strict=True)),
        intercepts=(coefficients[-1] + coefficients[-1 - LANE_COUNT : -1]).astype(np.float32),
        calibration=UNFITTED,
        thresholds=Thresholds(),
        version="0",
    )


def _choose_vocabulary(grams: Sequence[Keys]) -> tuple[Vocabulary, NDArray[np.float64]]:
    keys, counts = np.unique(np.concatenate([np.unique(text) for text in grams]), return_counts=True)
    chosen = choose_keys(keys, counts, least=2)
    seen = counts[np.searchsorted(keys, chosen)]
    return Vocabulary.of(chosen), np.log((1 + len(grams)) / (1 + seen)) + 1


def _mark(cases: Sequence[Case], dressed: Dressed, signs: Signs) -> tuple[list[str], Any]:
    """The names of all signs, and text × sign: a sparse matrix."""
    from scipy import sparse

    names = sorted({SIGNED}.union(*(signs.get(case.id, ()) for case in cases)))
    columns = {sign: column for column, sign in enumerate(names)}
    own = [[columns[sign] for sign in sorted(signs.get(case.id, ()))] for case in cases]
    by_text = [
        ([] if part else own[owner]) + ([columns[SIGNED]] if signed else [])
        for owner, part, signed in zip(dressed.owners, dressed.is_part, dressed.is_signed, strict=True)
    ]
    ends = np.cumsum([0, *map(len, by_text)])
    found = np.array([column for text in by_text for column in text], np.int64)
    return names, sparse.csr_matrix((np.full(len(found), SIGN_FACTOR), found, ends), shape=(len(by_text), len(names)))


def _features(
    grams: Sequence[Keys], vocabulary: Vocabulary, idf: NDArray[np.float64], lanes: NDArray[np.int64], marks: Any
) -> Any:
    """Text × (gram, gram in lane 0, 1, 2, sign, lane): a sparse matrix; the grams of a text are of length one."""
    from scipy import sparse

    found = [vocabulary.known_keys(text) for text in grams]
    rows = np.repeat(np.arange(len(found)), [len(ids) for ids in found])
    ids = np.concatenate(found).astype(np.int64)
    shape = (len(found), len(vocabulary.keys))
    counts = sparse.csr_matrix((idf[ids], (rows, ids)), shape=shape)
    squares = np.bincount(rows, weights=idf[ids] ** 2, minlength=len(found))
    scaled = sparse.diags(1 / np.sqrt(np.maximum(squares, 1.0))) @ counts
    in_lane = [sparse.diags((lanes == lane) * LANE_FACTOR) @ scaled for lane in range(LANE_COUNT)]
    which = sparse.csr_matrix((lanes[:, None] == np.arange(LANE_COUNT)).astype(float))
    return sparse.hstack([scaled, *in_lane, marks, which]).tocsr()


def _fit_head(features: Any, wanted: NDArray[np.bool_], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    from sklearn.svm import LinearSVC

    if wanted.all() or not wanted.any():
        return np.append(np.zeros(features.shape[1]), 1.0 if wanted.all() else -1.0)
    head = LinearSVC(C=STRENGTH, tol=0.01, random_state=0).fit(features, wanted, sample_weight=counts)
    return np.append(head.coef_[0], head.intercept_)


def train(corpus: Path, out: Path | None = None, rules: Rules | None = None) -> list[str]:
    """Train, calibrate and write a model to ``out`` (the shipped file where absent). Returns lines that report it.

    ``rules`` is what the rules find in a case; thresholds are chosen beside them. Absent, the shipped pack's are asked.
    """
    from compliance.judge.crossval import by_fold, cross_validate, lanes_of, measure, unseen_scores
    from compliance.judge.tuning import Chances, Ruled, Truth, calibrate, choose_thresholds

    cases = read_cases(corpus)
    rules = rules or shipped_rules()
    found = {case.id: rules(case) for case in cases}
    signs = signs_by_case(cases, found)
    unseen, lanes, truth = unseen_scores(cases, by_fold(cases, FOLDS), signs), lanes_of(cases), Truth.of(cases)
    calibration = calibrate(unseen.together, lanes, truth)
    ruled = Ruled.of([found[case.id] for case in cases])
    thresholds = choose_thresholds(ruled, Chances.of(calibration, unseen.together, lanes), truth, fresh_of(cases))
    model = replace(fit(cases, signs), calibration=calibration, thresholds=thresholds, version=_version_of(cases))
    target = out or SHIPPED
    alone = cross_validate(cases, unseen.alone, FOLDS)
    together = cross_validate(cases, unseen.together, FOLDS, lambda case: found[case.id])
    save_model(target, model)
    return [
        f"{target.name}: version {model.version}, {len(cases)} cases, {len(model.vocabulary.keys)} grams",
        f"{FOLDS} folds, reader alone: {measure(alone)}",
        f"{FOLDS} folds, with rules: {measure(together)}",
    ]


def shipped_rules() -> Rules:
    """What the rules of the Chinese pack find."""
    from compliance.judge.verdict import load_judge

    judge = load_judge("cn", reader=False)
    return lambda case: judge.read(case.message)


def _version_of(cases: Sequence[Case]) -> str:
    """Eight digits of what was learned from: the same cases and code format, the same version."""
    total = sha256()
    for case in cases:
        total.update(repr((case.id, case.message.text, case.decision.value, sorted(case.categories))).encode())
    return total.hexdigest()[:8]
