"""The compiled loop and numpy read alike; without a compiler numpy reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge import native
from compliance.judge.calibration import HEADS, LANE_COUNT
from compliance.judge.heaviest import find_heaviest
from compliance.judge.reader import SHIPPED, Model, Score, load_model
from compliance.judge.training import read_cases

MODEL = load_model(SHIPPED)
PIECES = (
    *("您再不还钱", "我就去你单位", "账单已出，", "请致电客服", "法院传票"),
    *("！", "。", "\n", "，", "😀", "\ud800", "\udc00", "8", "a"),
)
texts = st.one_of(
    st.sampled_from([case.message.text for case in read_cases(SHIPPED.parents[2] / "corpus")[:300]]),
    st.lists(st.one_of(st.sampled_from(PIECES), st.characters()), max_size=60).map("".join),
)


@pytest.fixture
def no_loop_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine on which nothing has been compiled."""
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(tmp_path))
    native.compiled.cache_clear()
    yield
    native.compiled.cache_clear()


def differ(model: Model, text: str, lane: int, signs: tuple[str, ...]) -> float:
    """The greatest difference between the two ways to read."""
    scores, chances = model.read(text, lane, signs)
    slowly = model.raw_scores(text, lane, signs)
    same = model.calibration.decisions(slowly, lane)
    named = np.subtract(model.categories(scores, lane), model.calibration.categories(slowly, lane))
    return max(float(np.abs(apart).max()) for apart in (scores - slowly, np.subtract(chances, same), named))


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
@given(texts, st.integers(0, LANE_COUNT - 1), st.lists(st.sampled_from(sorted(MODEL.signs)), max_size=3, unique=True))
def test_both_ways_to_read_give_the_same(text: str, lane: int, signs: list[str]) -> None:
    assert all(MODEL.loops)
    assert differ(MODEL, text, lane, tuple(signs)) < 1e-4


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
@pytest.mark.parametrize("text", ["", "我" * 100_000, "。" * 100_000, "还钱。" * 30_000, "😀" * 50_000])
def test_long_and_empty_texts_are_read_alike(text: str) -> None:
    assert differ(MODEL, text, 0, ()) < 1e-3


def test_without_a_compiler_numpy_reads(no_loop_yet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    model = replace(MODEL)  # one that has not looked for the loop yet

    assert not any(model.loops)
    assert differ(model, "您再不还钱，我就去你单位", 0, ()) == 0


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
def test_a_loop_that_was_cut_short_is_compiled_again(
    no_loop_yet: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert all(replace(MODEL).loops)
    (made,) = tmp_path.glob("*.so")
    second = tmp_path / "second"  # a program does not load again what it has loaded from the same place
    second.mkdir()
    (second / made.name).write_bytes(made.read_bytes()[:100])
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(second))
    native.compiled.cache_clear()

    assert all(replace(MODEL).loops)
    assert (second / made.name).stat().st_size == made.stat().st_size


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
def test_what_the_loop_is_not_made_for_is_refused_not_misread() -> None:
    loop = MODEL.loops[0]
    assert loop is not None
    with pytest.raises(ValueError, match="larger than"):
        loop.read("我" * (2**21 + 1), None)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
@given(texts, st.integers(0, LANE_COUNT - 1), st.integers(0, len(HEADS) - 1))
def test_both_show_a_stretch_that_weighs_the_same(text: str, lane: int, head: int) -> None:
    scores, chances = MODEL.read(text, lane, ())
    score = Score(*chances, scores, MODEL, text, 0, lane)
    gains = score._gains(head)
    slowly, shown = find_heaviest(gains), score.span(HEADS[head])

    assert (shown is None) == (slowly is None)
    if shown and slowly:  # of two that weigh alike either will do
        above = gains - max(gains.mean(), 0)
        assert above[slice(*shown)].sum() == pytest.approx(above[slice(*slowly)].sum())


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: numpy alone reads here")
@pytest.mark.parametrize("shared", ["folder", "file"])
def test_no_code_is_run_from_where_anybody_could_have_put_it(no_loop_yet: None, tmp_path: Path, shared: str) -> None:
    assert all(replace(MODEL).loops)
    (made,) = tmp_path.glob("*.so")
    (tmp_path if shared == "folder" else made).chmod(0o777)
    with pytest.raises(PermissionError, match="not ours alone"):
        native._load(made.name)
