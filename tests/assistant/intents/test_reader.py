"""The learned reader of intents: what it says, why, and how it is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.intents.hearing import shipped, understand
from assistant.intents.reader import INTENTS, load_model, save_model
from assistant.intents.views import Utterance


def test_chances_of_coming_first_sum_to_one() -> None:
    reading = shipped().read(Utterance.of("我失业了，能不能分期"))
    assert reading.first.sum() == pytest.approx(1)
    assert ((reading.there >= 0) & (reading.there <= 1)).all()


def test_every_intent_is_ranked_once() -> None:
    ranked = shipped().read(Utterance.of("明天还")).ranked()
    assert sorted(name for name, _ in ranked) == sorted(INTENTS)
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)


def test_something_is_always_meant() -> None:
    assert understand("").meant
    assert understand("\ud800𠮷😀").meant


def test_two_things_said_at_once_are_both_heard() -> None:
    assert set(understand("你们公司叫什么名字，我要去银保监会投诉你们").meant) >= {"ask_identity", "complain"}


@pytest.mark.parametrize(
    ("text", "intent", "word"),
    [("您好，我想问一下，利息能不能减免", "request_waiver", "减免"), ("喂 你打错了", "wrong_number", "打错")],
)
def test_the_words_that_weighed_most_are_shown(text: str, intent: str, word: str) -> None:
    span = understand(text).reading.span(intent)
    assert span is not None
    assert word in text[span.start : span.end]


def test_a_phrase_of_self_harm_decides_alone_and_comes_first() -> None:
    found = understand("我没钱，活着也没什么意思")
    assert found.meant[0] == "self_harm"


def test_a_model_is_kept_within_the_width_of_a_byte(tmp_path: Path) -> None:
    file = tmp_path / "kept.npz"
    save_model(file, shipped())
    before, after = shipped().scores("我没钱"), load_model(file).scores("我没钱")
    assert np.abs(before - after).max() < 0.02


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_model(tmp_path / name, shipped())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.npz"
    np.savez(file, about=np.array('{"format": 0}'))
    with pytest.raises(ValueError, match="make train"):
        load_model(file)
