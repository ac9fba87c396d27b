"""Trains the reader of intents from the labelled utterances: the same cases give the same bytes. Needs scikit-learn.

1. Every case is read as ``views.py`` reads it.
2. Each head is a linear support vector machine on the three views.
3. The second layer and the thresholds are fitted on scores of cases by models that have not seen them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.intents.reader import EVIDENCE, HEADS, INTENTS, SELF_HARM, SHIPPED, Model, Ranking, save_model
from assistant.intents.views import Utterance, read_keys
from compliance.judge.grams import Keys
from compliance.judge.heads import SECOND_STRENGTH, Numbers, digest_rows, fit_views, fold_of
from compliance.judge.types import InvalidInput

EVEN = 0.5
"""The chance from which an intent is meant, but for ``self_harm``."""
RISK_PRECISION = 0.85
"""Of the utterances heard as ``self_harm`` so many must be: as few as that are missed as this allows."""

Phrases = Callable[[str], frozenset[str]]
"""Folded utterance → the intents of which a phrase is heard."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled utterance; ``intents`` most important first, ``source`` names the file."""

    id: str
    source: str
    text: str
    intents: tuple[str, ...]
    hard: str | None = None


def read_cases(folder: Path) -> list[Case]:
    """Every labelled Chinese utterance, in the order of file and line. Raises ``OSError`` where there is none."""
    files = sorted(folder.glob("utterances-*-zh*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{folder} holds no utterances-*-zh*.jsonl")
    rows = [(file, json.loads(line)) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [case_of(row, file.stem.removeprefix("utterances-")) for file, row in rows]


def case_of(row: Mapping[str, Any], source: str) -> Case:
    """Raises ``InvalidInput`` for a row without a text or with an unknown intent or none."""
    told = row.get("intents")
    intents = tuple(told) if isinstance(told, list | tuple) else ()
    if not intents or not all(one in INTENTS for one in intents) or not isinstance(row.get("text"), str):
        raise InvalidInput(f"row {row.get('id')!r} has no text or no known intents to compare with", field="intents")
    return Case(str(row.get("id", "")), source, row["text"], intents, row.get("hard"))


@dataclass(frozen=True)
class Read:
    """Cases as they are weighed."""

    keys: list[tuple[Keys, ...]]
    heard: Numbers
    """Case × intent: whether a phrase was heard."""
    first: NDArray[np.int64]
    there: NDArray[np.bool_]
    """Case × intent."""

    @classmethod
    def of(cls, cases: Sequence[Case], phrases: Phrases) -> Read:
        plains = [Utterance.of(case.text).plain for case in cases]
        heard = [phrases(case.text) for case in cases]
        return cls(
            keys=[read_keys(plain) for plain in plains],
            heard=np.array([[name in found for name in INTENTS] for found in heard], dtype=np.float64),
            first=np.array([INTENTS.index(case.intents[0]) for case in cases]),
            there=np.array([[name in case.intents for name in INTENTS] for case in cases]),
        )

    def take(self, which: NDArray[np.int64]) -> Read:
        """Some of the cases."""
        return Read([self.keys[at] for at in which.tolist()], self.heard[which], self.first[which], self.there[which])


def fit_heads(read: Read) -> Model:
    """A model without its second layer."""
    wanted = [*(read.first == number for number in range(len(INTENTS))), *read.there.T]
    views, intercepts = fit_views(read.keys, wanted)
    return Model(tuple(views), intercepts.astype(np.float32), UNFITTED, np.full(len(INTENTS), 0.5, "f4"), "0")


UNFITTED = Ranking(
    first=np.zeros((len(INTENTS), EVIDENCE), np.float32),
    first_offsets=np.zeros(len(INTENTS), np.float32),
    there=np.zeros((len(INTENTS), EVIDENCE), np.float32),
    there_offsets=np.zeros(len(INTENTS), np.float32),
)


def score_heads(model: Model, read: Read) -> Numbers:
    """Case × ``EVIDENCE``."""
    scores = [
        sum((view.score(keys) for view, keys in zip(model.views, case, strict=True)), model.intercepts.astype(float))
        for case in read.keys
    ]
    return np.hstack((np.array(scores).reshape(len(scores), HEADS), read.heard))


def unseen_evidence(read: Read, folds: NDArray[np.int64]) -> Numbers:
    """Case × ``EVIDENCE``, each case by a model that has not seen its fold."""
    evidence = np.zeros((len(read.keys), EVIDENCE))
    for fold in np.unique(folds):
        held = np.flatnonzero(folds == fold)
        evidence[held] = score_heads(fit_heads(read.take(np.flatnonzero(folds != fold))), read.take(held))
    return evidence


def fit_ranking(evidence: Numbers, read: Read) -> Ranking:
    """The second layer."""
    from sklearn.linear_model import LogisticRegression

    first = LogisticRegression(C=SECOND_STRENGTH, max_iter=3000).fit(evidence, read.first)
    there = [
        LogisticRegression(C=SECOND_STRENGTH, max_iter=3000).fit(evidence, read.there[:, number])
        for number in range(len(INTENTS))
    ]
    return Ranking(
        first=first.coef_.astype(np.float32),
        first_offsets=first.intercept_.astype(np.float32),
        there=np.concatenate([one.coef_ for one in there]).astype(np.float32),
        there_offsets=np.concatenate([one.intercept_ for one in there]).astype(np.float32),
    )


def fit(cases: Sequence[Case], phrases: Phrases) -> Model:
    """A whole model."""
    read = Read.of(cases, phrases)
    evidence = unseen_evidence(read, np.array([fold_of(Utterance.of(case.text).plain) for case in cases]))
    ranking = fit_ranking(evidence, read)
    thresholds = np.full(len(INTENTS), EVEN, np.float32)
    risk = np.array([ranking.chances(one)[1][SELF_HARM] for one in evidence])
    thresholds[SELF_HARM] = choose_risk(risk, read.heard[:, SELF_HARM] > 0, read.there[:, SELF_HARM])
    heads = fit_heads(read)
    return replace(heads, ranking=ranking, thresholds=thresholds, version=version_of(cases))


def choose_risk(chances: Numbers, heard: NDArray[np.bool_], there: NDArray[np.bool_]) -> float:
    """The lowest chance from which ``RISK_PRECISION`` holds, a phrase deciding alone; never above ``EVEN``."""
    for chance in np.unique(chances[chances < EVEN]):
        found = heard | (chances >= chance)
        if there[found].mean() >= RISK_PRECISION:
            return float(chance)
    return EVEN


def train(corpus: Path, out: Path | None = None) -> list[str]:
    """Train on all labelled files and write to ``out`` (the shipped file where absent); lines that report it."""
    from assistant.intents.phrases import find_phrases

    cases = read_cases(corpus)
    model = fit(cases, find_phrases)
    target = out or SHIPPED
    save_model(target, model)
    grams = sum(len(view.vocabulary.keys) for view in model.views)
    return [f"{target.name}: version {model.version}, {len(cases)} cases, {grams} grams"]


def version_of(cases: Sequence[Case]) -> str:
    """Of the model that these cases teach."""
    return digest_rows((case.id, case.text, case.intents) for case in cases)
