"""What the learned reader gives scores for, and how raw scores become chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, tanh
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.parts import TOLD
from compliance.judge.types import CATEGORIES

Floats = NDArray[np.float32]

HEADS = ("allow", "block", *CATEGORIES)
"""What a model gives a score for: that the message may go out, that it must not, and each category."""
SCORES = 2 * len(HEADS) + TOLD
"""What a model says of a text: the score of each head, then what ``tell_parts`` tells of its sentences."""
LANE_COUNT = 3
NOTES = 2


def evidence(scores: NDArray[Any]) -> NDArray[np.float32]:
    """What the decision is weighed on: all ``SCORES``, and again the two highest of the categories of the whole."""
    each = scores.tolist()
    return np.array(each + sorted(each[2 : len(HEADS)])[-2:], np.float32)


def chances_of(odds: Sequence[float], lane: int) -> tuple[float, float, float]:
    """The chances of allow, review and block, which sum to 1; a note is never blocked."""
    most = max(odds)
    allow, review, block = exp(odds[0] - most), exp(odds[1] - most), exp(odds[2] - most)
    total = allow + review + block
    allow, review, block = allow / total, review / total, block / total
    return (allow, review + block, 0.0) if lane == NOTES else (allow, review, block)


def chances_apart(odds: Sequence[float]) -> list[float]:
    """The chance of each by itself: the logistic function, written so that nothing overflows."""
    return [0.5 + 0.5 * tanh(0.5 * single) for single in odds]


@dataclass(frozen=True)
class Calibration:
    """Raw scores → chances, fitted on texts that the model scoring them had not seen."""

    weights: Floats
    """decision × ``evidence``: a decision hangs on the categories too, for some are held and others stopped."""
    biases: Floats
    """lane × decision."""
    category_weights: Floats
    """category × ``evidence``: what else is said, and to whom, tells which of two like categories is meant."""
    category_biases: Floats
    """lane × category."""

    def decisions(self, scores: NDArray[Any], lane: int) -> tuple[float, float, float]:
        """The chances of allow, review and block."""
        return chances_of((self.weights @ evidence(scores) + self.biases[lane]).tolist(), lane)

    def categories(self, scores: NDArray[Any], lane: int) -> list[float]:
        """The chance of each category, by itself."""
        odds = self.category_weights @ evidence(scores) + self.category_biases[lane]
        return chances_apart(odds.tolist())


UNFITTED = Calibration(
    weights=np.zeros((3, SCORES + 2), np.float32),
    biases=np.zeros((LANE_COUNT, 3), np.float32),
    category_weights=np.eye(len(CATEGORIES), SCORES + 2, 2, dtype=np.float32),
    category_biases=np.zeros((LANE_COUNT, len(CATEGORIES)), np.float32),
)
"""That of a model whose raw scores are all there is."""
