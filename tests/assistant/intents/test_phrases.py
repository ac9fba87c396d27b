"""Phrases prove themselves when they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.intents import phrases
from assistant.intents.phrases import find_phrases, load_phrases
from assistant.intents.reader import INTENTS
from compliance.judge.packs import PackError


def test_every_intent_has_phrases() -> None:
    assert set(load_phrases()) == set(INTENTS)
    assert all(load_phrases().values())


@pytest.mark.parametrize("text", ["我真的不想活了", "我站在天台上", "下辈子做牛做马还你们", "我把安眠药全吞了"])
def test_talk_of_suicide_is_heard(text: str) -> None:
    assert "self_harm" in find_phrases(text)


@pytest.mark.parametrize("text", ["累死我了", "跳楼价大甩卖", "要钱没有要命一条", "你怎么不去死", "忙死了晚点说"])
def test_figures_of_speech_are_not(text: str) -> None:
    assert "self_harm" not in find_phrases(text)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('[[refuse]]\nany = ["不还"]\nhit = ["明天还"]\nmiss = ["好"]', "is not found"),
        ('[[refuse]]\nany = ["不还"]\nhit = ["不还"]\nmiss = ["就不还"]', "is found"),
        ('[[refuse]]\nany = ["不还("]\nhit = ["不还"]\nmiss = ["好"]', "不还("),
        ('[[refusal]]\nany = ["不还"]\nhit = ["不还"]\nmiss = ["好"]', "is no intent"),
        ('[[refuse]]\nany = ["不还"]\nhit = ["不还"]', "must be a list"),
    ],
)
def test_a_phrase_that_does_not_hold_is_refused(
    table: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "phrases.toml"
    file.write_text(table, encoding="utf-8")
    monkeypatch.setattr(phrases, "PHRASES", file)
    with pytest.raises(PackError) as refused:
        load_phrases.__wrapped__()
    assert fault in str(refused.value)
