"""Which stretch of a text weighed most: what a learned reader shows as its reason."""

from __future__ import annotations

from collections import deque
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

LONGEST_SPAN = 24
"""Code points of the stretch shown as what weighed most; more explains nothing."""


def one_a_character(units: NDArray[np.float64], plain: str) -> NDArray[np.float64]:
    """UTF-16 units → code points; a pair counts as its first unit."""
    if len(units) == len(plain):
        return units
    widths = np.array([1 + (ord(character) > 0xFFFF) for character in plain])
    picked: NDArray[np.float64] = units[np.cumsum(widths) - widths]
    return picked


def find_heaviest(gains: NDArray[np.float64]) -> tuple[int, int] | None:
    """The stretch with the greatest sum, no longer than ``LONGEST_SPAN``; gains are taken above their mean."""
    if not len(gains) or gains.max() <= 0:
        return None
    sums = list(accumulate((gains - max(float(gains.mean()), 0.0)).tolist(), initial=0.0))
    best, span = 0.0, None
    lowest: deque[int] = deque()  # starts that may still be best, their sums rising
    for end, total in enumerate(sums):
        while lowest and lowest[0] < end - LONGEST_SPAN:
            lowest.popleft()
        if lowest and total - sums[lowest[0]] > best:
            best, span = total - sums[lowest[0]], (lowest[0], end)
        while lowest and sums[lowest[-1]] > total:
            lowest.pop()
        lowest.append(end)
    return span
