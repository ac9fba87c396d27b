"""Trains the listener from the labelled turns of collectors: the same turns give the same bytes. Needs scikit-learn.

The second layer is fitted on scores of turns by heads that have not seen them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import Keys
from compliance.judge.heads import SECOND_STRENGTH, digest_rows, fit_views, fold_of
from compliance.judge.listener import ITEMS, SHIPPED, Listener, read_turn, save_listener
from compliance.judge.text import clean
from compliance.judge.types import InvalidInput


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """A turn of a collector and the items that its words carry."""

    id: str
    text: str
    says: frozenset[str]


def read_turns(folder: Path) -> list[LabelledTurn]:
    """Every labelled Chinese turn, in the order of file and line: single ones, then those of whole calls. The calls for
    development teach nothing, so that figures on them are figures on what was never seen.

    Raises:
        OSError: there is none.
    """
    single = [turn_of(row) for row in _rows(folder, "turns-train-zh*.jsonl")]
    calls = _rows(folder, "conversations-train-zh*.jsonl")
    return single + [
        turn_of(turn | {"id": f"{call['id']}-{turn['seq']}"})
        for call in calls
        for turn in call["turns"]
        if turn["speaker"] == "collector"
    ]


def _rows(folder: Path, pattern: str) -> list[dict[str, Any]]:
    files = sorted(folder.glob(pattern))
    if not files:
        raise FileNotFoundError(f"{folder} holds no {pattern}")
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def turn_of(row: Mapping[str, Any]) -> LabelledTurn:
    """Raises ``InvalidInput`` for a row without a text or with an unknown item."""
    says = row.get("says")
    known = isinstance(says, list) and all(item in ITEMS for item in says)
    if not known or not isinstance(row.get("text"), str):
        raise InvalidInput(f"row {row.get('id')!r} has no text, or an item that is not known", field="says")
    return LabelledTurn(str(row.get("id", "")), row["text"], frozenset(row["says"]))


@dataclass(frozen=True)
class _Read:
    """Turns as they are weighed."""

    keys: list[Keys]
    carried: NDArray[np.bool_]
    """Turn × item."""

    @classmethod
    def of(cls, turns: Sequence[LabelledTurn]) -> _Read:
        carried = np.array([[item in turn.says for item in ITEMS] for turn in turns])
        return cls([read_turn(clean(turn.text)) for turn in turns], carried)

    def take(self, which: NDArray[np.int64]) -> _Read:
        return _Read([self.keys[at] for at in which.tolist()], self.carried[which])


def fit(turns: Sequence[LabelledTurn]) -> Listener:
    """A whole listener."""
    from sklearn.linear_model import LogisticRegression

    read = _Read.of(turns)
    folds = np.array([fold_of(clean(turn.text)) for turn in turns])
    scores = np.zeros((len(turns), len(ITEMS)))
    for fold in np.unique(folds):
        held = np.flatnonzero(folds == fold)
        heads = _fit_heads(read.take(np.flatnonzero(folds != fold)))
        scores[held] = [heads.scores(keys) for keys in read.take(held).keys]
    layers = [
        LogisticRegression(C=SECOND_STRENGTH, max_iter=3000).fit(scores, read.carried[:, number])
        for number in range(len(ITEMS))
    ]
    return replace(
        _fit_heads(read),
        layer=np.concatenate([one.coef_ for one in layers]).astype(np.float32),
        offsets=np.concatenate([one.intercept_ for one in layers]).astype(np.float32),
        version=version_of(turns),
    )


def _fit_heads(read: _Read) -> Listener:
    """A listener without its second layer."""
    (view,), intercepts = fit_views([(keys,) for keys in read.keys], list(read.carried.T))
    nothing = np.zeros((len(ITEMS), len(ITEMS)), np.float32)
    return Listener(view, intercepts.astype(np.float32), nothing, nothing[0], "0")


def train(corpus: Path, out: Path | None = None) -> list[str]:
    """Train on all labelled files and write to ``out`` (the shipped file where absent); lines that report it."""
    turns = read_turns(corpus)
    listener = fit(turns)
    target = out or SHIPPED
    save_listener(target, listener)
    return [f"{target.name}: version {listener.version}, {len(turns)} turns, {len(listener.view.squares)} grams"]


def version_of(turns: Sequence[LabelledTurn]) -> str:
    """Of the listener that these turns teach."""
    return digest_rows((turn.id, turn.text, sorted(turn.says)) for turn in turns)
