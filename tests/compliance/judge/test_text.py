"""Folding, the further readings, and the place of each character in the raw text."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.judge.disguise import KINDS, disguise
from compliance.judge.lexicon import read_words
from compliance.judge.text import Text, View, clean, join_split
from compliance.judge.types import Span

DATA = Path(__file__).parent / "data"
CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"
WORDS = [word for word in read_words() if 1 < len(word) < 5]


def find(text: Text, word: str) -> list[str]:
    """What is marked in the raw text for every place of ``word`` in any view."""
    marked = []
    for view in text.views:
        for match in re.finditer(re.escape(word), view.plain):
            span = view.span(*match.span())
            marked.append(text.raw[span.start : span.end])
    return marked


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("您的账单１２８元，请用ＡＰＰ还款（官方）！", "您的账单128元，请用app还款（官方）！"),
        ("起\u200b诉\ufeff", "起诉"),
        ("催\u0336收\u0336", "催收"),
        ("1\ufe0f\u20e32\ufe0f\u20e30\ufe0f\u20e3", "120"),
        ("①②⓪❸㉕日", "120325日"),
        ("𝟏𝟑𝟖 𝒬𝓆", "138 qq"),
        ("ΑΡΡ", "app"),
        ("關⼼", "关心"),
        ("後果 裡面 裏面 臺灣 台灣 干燥 乾淨", "后果 里面 里面 台湾 台湾 干燥 干净"),
        ("乾坤 著名 接著 瞭解 瞭望 狼藉 藉口 甚麼", "乾坤 著名 接着 了解 瞭望 狼藉 借口 什么"),
        ("帳戶 轉帳 帳篷 徵信 聯繫 關係", "账户 转账 帐篷 征信 联系 关系"),
        ("還(hái)款（kuǎn）", "还款"),
        ("海報(hǎi bào)", "海报"),
        ("房(fang)屋(WU)", "房屋"),
        ("中国银行(BOC)", "中国银行(boc)"),
        ("登录(app)", "登录(app)"),
        ("登\u200b录(a\u200bpp)", "登录(app)"),
        ("贰拾伍元 幺三八", "贰拾伍元 幺三八"),
        ("a\tb\x00c\ud800", "a bc\ufffd"),
        ("", ""),
    ],
)
def test_folds(raw: str, plain: str) -> None:
    assert clean(raw) == plain


@pytest.mark.parametrize("name", ["visits_inline_pinyin.txt", "collection_inline_pinyin.txt"])
def test_page_with_inline_pinyin_becomes_clean_simplified_chinese(name: str) -> None:
    import opencc

    raw = (DATA / name).read_text(encoding="utf-8")
    view = Text.of(raw).views[0]
    assert not re.search(r"[(（][a-zǎ-ǜ]", view.plain)
    assert not re.search(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]", view.plain)
    assert opencc.OpenCC("t2s").convert(view.plain) == view.plain
    for at, char in enumerate(view.plain):
        span = view.span(at, at + 1)
        assert clean(raw[span.start : span.end]) == char


def test_page_reads_as_expected() -> None:
    plain = clean((DATA / "visits_inline_pinyin.txt").read_text(encoding="utf-8"))
    assert "随着信用消费的普及,一些人因各种原因未能按时还款,导致逾期现象频发。" in plain


@pytest.mark.parametrize(
    ("raw", "word", "marked"),
    [
        ("再拖就起\u200b诉\u200b你", "起诉", "起\u200b诉"),
        ("坐*牢*吧", "坐牢", "坐*牢"),
        ("要起 诉 你", "起诉", "起 诉"),
        ("传|票|已|签|发", "传票", "传|票"),
        ("走己诉你", "起诉", "走己诉"),
        ("讠午诺，讠斥讼", "诉讼", "讠斥讼"),
        ("亻尔再不还钅戋", "还钱", "还钅戋"),
        ("起素之后坐劳", "起诉", "起素"),
        ("起素之后坐劳", "坐牢", "坐劳"),
        ("影响征性的", "征信", "征性"),
        ("qs你，fy见", "起诉", "qs"),
        ("fa院的传票", "法院", "fa院"),
        ("带你去坐lao", "坐牢", "坐lao"),
        ("bu huan qian jiu qu ni jia", "去你家", "qu ni jia"),
        ("小心🔪你全家", "杀你全家", "🔪你全家"),
        ("叫👨\u200d👩\u200d👧来", "家人", "👨\u200d👩\u200d👧"),
        ("再躲弄4你", "弄死", "弄4"),
        ("this is d3tective", "detective", "d3tective"),
        ("走薇❤️转", "微信", "薇❤"),
        ("還(hái)款(kuǎn)日", "还款", "還(hái)款"),
    ],
)
def test_reads_through_disguise(raw: str, word: str, marked: str) -> None:
    assert marked in find(Text.of(raw), word)


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("幺三八零零零零幺二三四", "13800001234"),
        ("一三八 〇〇〇〇 一二三四", "13800001234"),
        ("１３８-0000-1234", "13800001234"),
        ("1⃣3⃣8⃣ 0 0 0 0 1/2/3/4", "13800001234"),
        ("l38 0OOO 1234", "13800001234"),
        ("①③⑧·0000·1234", "13800001234"),
    ],
)
def test_digits_are_read_however_written(raw: str, digits: str) -> None:
    text = Text.of("打" + raw + "吧")
    assert find(text, digits) == [raw] * len(find(text, digits))
    assert find(text, digits)


@pytest.mark.parametrize(
    "raw",
    [
        "尊敬的客户，您尾号8820的贷款已逾期3天，请登录手机银行还款。",
        "【青禾银行】如有疑问请致电客服热线。",
        "我们不会联系您的家人和单位。",
        "男子和女子都可以申请，走自己的路。",
    ],
)
def test_clean_text_has_one_view_and_no_table(raw: str) -> None:
    text = Text.of(raw)
    assert text.views == (View(raw, "folded"),)
    assert text.views[0].span(2, 4) == Span(2, 4)


def test_lawful_messages_are_hardly_ever_rewritten() -> None:
    cases = [
        json.loads(line)
        for path in CORPUS.glob("outreach-dev-*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    lawful = [case["text"] for case in cases if case["decision"] == "allow" and case["hard"] != "obfuscation"]
    rewritten = [raw for raw in lawful if any(view.kind == "rewritten" for view in Text.of(raw).views)]
    assert len(lawful) > 250
    assert len(rewritten) <= 0.01 * len(lawful)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 1), (1, 9)])
def test_a_span_of_nothing_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a stretch"):
        Text.of("起诉").views[0].span(start, end)


def test_word_cut_over_two_messages_is_marked_in_the_last_alone() -> None:
    joined = join_split(("明天就起",), "诉你")
    view = joined.whole.views[0]
    at = view.plain.index("起诉")
    assert joined.span(view, at, at + 2) == Span(0, 1)
    assert joined.span(view, 0, 2) is None


@settings(max_examples=150, deadline=None)
@given(
    word=st.sampled_from(WORDS),
    kind=st.sampled_from(sorted(set(KINDS) - {"split_messages"})),
    seed=st.integers(0, 2**32),
    before=st.sampled_from(["", "再拖就", "Ａ①，", "您\u200b好。", "還(hái)是"]),
    after=st.sampled_from(["", "了！", "。①②", "\u200b吧", "(hǎo)"]),
)
def test_a_found_disguise_is_marked_exactly(word: str, kind: str, seed: int, before: str, after: str) -> None:
    raw = before + disguise(word, kind, random.Random(seed)) + after
    for marked in find(Text.of(raw), word):
        assert marked
        assert word in {view.plain for view in Text.of(f"您{marked}").views for view in [_without_first(view)]}


def _without_first(view: View) -> View:
    """The view without the character put before it (it gives initials the neighbour that they need)."""
    return View(view.plain[1:], view.kind)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters() | st.sampled_from("起诉素 *①（(hái)亻尔\u200b\ud800\x00qsfa🔪13八〇，。"), max_size=80))
def test_every_stretch_of_every_view_has_a_place(raw: str) -> None:
    for view in Text.of(raw).views:
        ends = [view.span(at, at + 1) for at in range(len(view.plain))]
        assert all(0 <= span.start < span.end <= len(raw) for span in ends)
        assert all(a.start <= b.start and a.end <= b.end for a, b in pairwise(ends))
        assert not re.search("[\ud800-\udfff\u200b\x00]", view.plain)


@pytest.mark.parametrize(
    "raw",
    [
        *(char * 40_000 for char in "起a1 *(（亻\u0300\ud800\x00🔪①八，、"),
        "起素" * 20_000,
        "qs" * 20_000,
        "xian " * 8_000,
        "a1" * 20_000,
        "0 " * 20_000,
        "(" * 20_000 + ")" * 20_000,
        "“" * 20_000 + "”" * 20_000,
        "还(" * 20_000,
        "还(a" * 20_000,
        "，起" * 20_000,
        "起*" * 20_000,
        "a." * 20_000,
        "ǎ\u0301" * 20_000,
    ],
    ids=lambda raw: ascii(raw[:4]),
)
def test_hostile_text_is_read(raw: str) -> None:
    for view in Text.of(raw).views:
        if view.plain:
            span = view.span(0, len(view.plain))
            assert 0 <= span.start < span.end <= len(raw)
