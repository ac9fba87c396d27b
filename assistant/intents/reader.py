"""The learned reader of intents: an utterance → how likely each of the 22 is meant first, and meant at all, and why.

Two linear heads an intent (it comes first; it is there) weigh the views of ``views.py``; a second layer weighs the
scores of all heads and the phrases that were heard against each other, so that what matters more comes first.
``training.py`` makes the weights from ``compliance/corpus``; numpy alone reads them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.intents.views import VIEWS, Utterance, key_places, read_keys
from compliance.judge.heaviest import find_heaviest
from compliance.judge.types import Span
from compliance.judge.weights import Floats, Weights, pack_weights, unpack_weights

SHIPPED = Path(__file__).parent / "data" / "intents-cn.npz"
INTENTS = (
    "promise_to_pay", "already_paid", "forgot", "hardship", "illness_disaster", "request_plan", "request_waiver",
    "dispute", "ask_details", "ask_identity", "ask_consequence", "refuse", "stop_contact", "complain", "hostile",
    "third_party", "wrong_number", "deceased_incapable", "self_harm", "callback", "representation", "small_talk",
)  # fmt: skip
"""In the order of ``compliance/corpus/GUIDE.md``."""
HEADS = 2 * len(INTENTS)
"""Each intent coming first, then each intent being there."""
EVIDENCE = HEADS + len(INTENTS)
"""The scores of all heads, then whether a phrase of each intent was heard."""
SELF_HARM = INTENTS.index("self_harm")
FORMAT = 1


@dataclass(frozen=True)
class Ranking:
    """The second layer, fitted on scores of utterances by models that had not seen them."""

    first: Floats
    """Intent × ``EVIDENCE``: the odds of coming first."""
    first_offsets: Floats
    there: Floats
    """Intent × ``EVIDENCE``: the odds of being there."""
    there_offsets: Floats

    def chances(self, evidence: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Of each intent to come first, which sum to 1, and of each to be there."""
        odds = self.first @ evidence + self.first_offsets
        shares = np.exp(odds - odds.max())
        # the logistic function, written so that nothing overflows
        there = 0.5 + 0.5 * np.tanh(0.5 * (self.there @ evidence + self.there_offsets))
        return shares / shares.sum(), there


@dataclass(frozen=True)
class Model:
    """The weights of a trained reader. Immutable, safe to share between threads."""

    views: tuple[Weights, ...]
    intercepts: Floats
    ranking: Ranking
    thresholds: Floats
    """For each intent the chance of being there from which it is meant."""
    version: str

    def scores(self, plain: str) -> NDArray[Any]:
        """The raw score of each head for ``Utterance.plain``."""
        parts = (view.score(keys) for view, keys in zip(self.views, read_keys(plain), strict=True))
        total: NDArray[Any] = sum(parts, self.intercepts.astype(np.float64))
        return total

    def read(self, utterance: Utterance, phrases: Collection[str] = ()) -> Reading:
        """How likely each intent is. ``phrases`` are the intents of which a phrase was heard."""
        heard = np.array([name in phrases for name in INTENTS], dtype=np.float64)
        first, there = self.ranking.chances(np.concatenate((self.scores(utterance.plain), heard)))
        return Reading(first, there, self, utterance)

    def gains(self, plain: str, intent: int) -> NDArray[Any]:
        """What each character of ``Utterance.plain`` gives for an intent: the weight of each gram spread evenly."""
        steps = np.zeros(len(plain) + 1)
        heads = [intent, intent + len(INTENTS)]
        for view, keys, where in zip(self.views, read_keys(plain), key_places(plain), strict=True):
            view.spread(keys, where, heads, steps)
        return np.cumsum(steps)[:-1]


@dataclass(frozen=True)
class Reading:
    """What the reader makes of one utterance."""

    first: NDArray[Any]
    """The chance of each intent to come first, in the order of ``INTENTS``."""
    there: NDArray[Any]
    """The chance of each to be there."""
    model: Model
    utterance: Utterance

    def ranked(self) -> list[tuple[str, float]]:
        """Every intent with its chance of coming first, likeliest first."""
        order = np.argsort(-self.first, kind="stable").tolist()
        return [(INTENTS[number], float(self.first[number])) for number in order]

    def meant(self) -> list[str]:
        """The intents that are there, likeliest first; the first of ``ranked`` always is."""
        names = [name for name, _ in self.ranked()]
        there = {INTENTS[number] for number in np.flatnonzero(self.there >= self.model.thresholds)}
        return [name for place, name in enumerate(names) if place == 0 or name in there]

    def chance(self, intent: str) -> float:
        """How likely an intent is there."""
        return float(self.there[INTENTS.index(intent)])

    def span(self, intent: str) -> Span | None:
        """The words of the raw text that weighed most for an intent; ``None`` where none spoke for it."""
        heaviest = find_heaviest(self.model.gains(self.utterance.plain, INTENTS.index(intent)))
        return heaviest and self.utterance.span(*heaviest)


def load_model(path: Path = SHIPPED) -> Model:
    """Raises ``OSError`` or ``ValueError`` where there is no model of this version."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        if about.get("format") != FORMAT or tuple(about.get("intents", ())) != INTENTS:
            raise ValueError(f"{path.name} is no model that this version reads: run `make train`")
        views = tuple(unpack_weights(name, stored) for name in VIEWS)
        ranking = Ranking(*(stored[name] for name in ("first", "first_offsets", "there", "there_offsets")))
        return Model(views, stored["intercepts"], ranking, stored["thresholds"], about["version"])


def save_model(path: Path, model: Model) -> None:
    """The same model gives the same bytes."""
    about = {"format": FORMAT, "version": model.version, "intents": INTENTS}
    arrays: dict[str, Any] = {"about": np.array(json.dumps(about, sort_keys=True))}
    for name, view in zip(VIEWS, model.views, strict=True):
        arrays |= pack_weights(name, view)
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(
            file, **arrays, intercepts=model.intercepts, thresholds=model.thresholds,
            first=model.ranking.first, first_offsets=model.ranking.first_offsets,
            there=model.ranking.there, there_offsets=model.ranking.there_offsets,
        )  # fmt: skip
