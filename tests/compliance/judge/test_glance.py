"""One glance tells what a text asks for; compiled code and Python tell the same."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge import glance as glancing
from compliance.judge.glance import FOLDING, JOINING, NUMBERS, REWRITING, Glance, glance
from compliance.judge.lexicon import read_begins, read_mistaken, read_pairs

SUSPECTS = [first + seconds[0] for first, seconds in sorted(read_pairs().items())[::40]] + sorted(read_begins())
PIECES = [
    *"好坐牢钱一三八零贰0135.,，。、 -*·_/ao lixAＡ!?；（(【〔?zé甚么著😀𠀋７④",
    "\n",
    "\u200b",
    "\u0301",
    "\ud800",
]
texts = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(SUSPECTS), st.sampled_from(sorted(read_mistaken()))), max_size=60
).map("".join)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler: Python alone looks here")
@given(texts | st.text())
def test_compiled_code_and_python_tell_the_same(text: str) -> None:
    look = glancing._look()
    assert look is not None
    assert look.at(text) in (None, glancing._glance_slowly(text))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("请您于今日还款，谢谢。", 0),
        ("請還款", FOLDING),
        ("坐.牢", JOINING),
        ("坐👮", FOLDING | JOINING | REWRITING | NUMBERS),
        ("qs你", REWRITING),
        ("一三八零零", NUMBERS),
    ],
)
def test_what_a_text_asks_for(text: str, asks: int) -> None:
    assert glance(text).asks & asks == asks
    assert asks or glance(text) == Glance(0, [])


@pytest.mark.parametrize("text", ["我要起素你", "起素" * 100, "😀起素"])
def test_suspicious_pairs_are_told_in_order_however_many(text: str) -> None:
    assert glance(text).suspects == [at for at in range(len(text)) if text[at : at + 2] == "起素"]
