"""The learned listener: how likely a collector's words carry each checklist item, where nobody foresaw how it is said.

One linear head an item weighs the grams of the words; a second layer weighs the scores of all heads.
``listener_training.py`` makes the weights from the labelled turns of ``compliance/corpus``; numpy alone reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.grams import SILENT, Keys, places, read_grams
from compliance.judge.heaviest import find_heaviest, one_a_character
from compliance.judge.weights import Floats, Weights, pack_weights, unpack_weights

SHIPPED = Path(__file__).parent / "data" / "listener-cn.npz"
ITEMS = ("identity", "recording", "right_party", "creditor", "debt", "dispute_channel", "plan_option", "summary")
"""In the order of ``compliance/corpus/conversations-README.md``."""
FORMAT = 1


@dataclass(frozen=True)
class Listener:
    """The weights of a trained listener. Immutable, safe to share between threads."""

    view: Weights
    intercepts: Floats
    layer: Floats
    """Item × head: the odds that the item is carried."""
    offsets: Floats
    version: str

    def heard(self, plain: str) -> frozenset[str]:
        """The items that a folded turn rather carries than not."""
        odds = self.layer @ self.scores(read_turn(plain)) + self.offsets
        return frozenset(item for item, chance in zip(ITEMS, odds.tolist(), strict=True) if chance > 0)

    def scores(self, keys: Keys) -> NDArray[Any]:
        """What each head says of the grams of a turn."""
        total: NDArray[Any] = self.view.score(keys) + self.intercepts
        return total

    def span(self, plain: str, item: str) -> tuple[int, int]:
        """The stretch of a folded turn that weighed most for an item; all of it where none spoke for it."""
        kept = [at for at, char in enumerate(plain) if not SILENT.match(char)]
        bare = SILENT.sub("", plain)
        units = len(bare.encode("utf-16-le", "surrogatepass")) // 2
        steps = np.zeros(units + 1)
        self.view.spread(read_grams(bare), places(units), [ITEMS.index(item)], steps)
        heaviest = find_heaviest(one_a_character(np.cumsum(steps)[:-1], bare))
        return (kept[heaviest[0]], kept[heaviest[1] - 1] + 1) if heaviest else (0, len(plain))


def read_turn(plain: str) -> Keys:
    """The grams of a folded turn without points and blanks, since a recogniser writes none."""
    return read_grams(SILENT.sub("", plain))


@lru_cache(maxsize=2)
def load_listener(path: Path = SHIPPED) -> Listener:
    """Raises ``OSError`` or ``ValueError`` where there is no model of this version."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        if about.get("format") != FORMAT or tuple(about.get("items", ())) != ITEMS:
            raise ValueError(f"{path.name} is no model that this version reads: run `make train`")
        view = unpack_weights("said", stored)
        return Listener(view, stored["intercepts"], stored["layer"], stored["offsets"], about["version"])


def save_listener(path: Path, listener: Listener) -> None:
    """The same listener gives the same bytes."""
    about = json.dumps({"format": FORMAT, "version": listener.version, "items": ITEMS}, sort_keys=True)
    arrays: dict[str, Any] = {"about": np.array(about), **pack_weights("said", listener.view)}
    arrays |= {"intercepts": listener.intercepts, "layer": listener.layer, "offsets": listener.offsets}
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
