"""Linear heads on the grams of a text: what reading needs, and how it is kept. Numpy only; ``heads.py`` fits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import Keys, Vocabulary

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """What one view weighs: gram × head, with the rarity of each gram already multiplied in."""

    vocabulary: Vocabulary
    weights: Floats
    squares: Floats
    """The square of each gram's rarity: a view of a text has length one."""

    def score(self, keys: Keys) -> NDArray[Any]:
        """What the view says for each head."""
        ids, loudness, norm = self.loudness(keys)
        found: NDArray[Any] = loudness @ self.weights.take(ids, axis=0) / norm
        return found

    def loudness(self, keys: Keys) -> tuple[NDArray[Any], Floats, float]:
        """Known grams, each once; how loud each is by how often it stands there; and the length of them all."""
        ids, counts = np.unique(self.vocabulary.known_keys(keys), return_counts=True)
        loudness = 1 + np.log(counts.astype(np.float32))
        return ids, loudness, max(float(loudness**2 @ self.squares.take(ids)), 1.0) ** 0.5

    def spread(self, keys: Keys, where: NDArray[np.int64], heads: list[int], steps: NDArray[np.float64]) -> None:
        """Add to ``steps`` what each gram gives for some heads, evenly over its characters.

        ``where`` is starts and ends (2 × gram); the running sum of ``steps`` (characters + 1) is what each gives.
        """
        starts, ends = where
        known = np.isin(keys, self.vocabulary.keys)
        weights = self.weights[self.vocabulary.known_keys(keys)][:, heads].sum(axis=1)
        first, last = starts[known], np.maximum(ends[known], starts[known] + 1)
        shares = weights / (last - first) / self.loudness(keys)[2]
        np.add.at(steps, first, shares)
        np.subtract.at(steps, last, shares)


def pack_weights(name: str, view: Weights) -> dict[str, NDArray[Any]]:
    """Arrays of a view to be kept under its name: one byte a weight, with a scale for each head."""
    scales = np.maximum(np.abs(view.weights).max(axis=0), 1e-6).astype(np.float32) / 127
    return {
        f"{name}_keys": view.vocabulary.keys,
        f"{name}_weights": np.round(view.weights / scales).astype(np.int8),
        f"{name}_scales": scales,
        f"{name}_squares": view.squares,
    }


def unpack_weights(name: str, stored: Mapping[str, Any]) -> Weights:
    """Raises ``KeyError`` or ``ValueError`` where the arrays are not what ``pack_weights`` makes."""
    return Weights(
        vocabulary=Vocabulary.of(stored[f"{name}_keys"]),
        weights=stored[f"{name}_weights"].astype(np.float32) * stored[f"{name}_scales"],
        squares=stored[f"{name}_squares"],
    )
