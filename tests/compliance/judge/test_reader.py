"""The learned reader as it ships."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.judge.calibration import HEADS
from compliance.judge.combine import NEVER, Thresholds
from compliance.judge.core import core_of
from compliance.judge.reader import SHIPPED, Reader, Score, read_cites, view_for_reading
from compliance.judge.text import Text
from compliance.judge.types import CATEGORIES, Citation, Decision, Finding, Message, Span

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"
READER = Reader.load()
TOLD = "【青禾银行】您的异议已受理，核实期间暂停催收，结果将书面答复您。"
MENACE = "再不还钱我就带几个人去你家门口坐着，让你全家不得安宁"


def read(
    text: str, channel: str = "im", audience: str = "debtor", found: tuple[Finding, ...] = ()
) -> tuple[Finding, ...]:
    return READER.read(Message(text, channel, audience), Text.of(text), found)


def score(text: str, channel: str = "im", audience: str = "debtor") -> Score:
    return READER.score(Message(text, channel, audience), view_for_reading(Text.of(text)).plain)


def test_chances_add_up() -> None:
    given_score = score(MENACE)
    assert given_score.p_allow + given_score.p_review + given_score.p_block == pytest.approx(1.0)
    assert set(given_score.categories) == set(CATEGORIES)


@pytest.mark.parametrize("text", [TOLD, "您尾号1234的信用卡本期应还2,380元，请按时还款。", "请按时还款"])
def test_a_lawful_reminder_passes(text: str) -> None:
    assert read(text) == ()


def test_a_menace_is_stopped_and_says_why() -> None:
    first = max(read(MENACE), key=lambda finding: finding.confidence or 0)
    assert (first.decision, first.category, first.rule, first.source) == (
        Decision.BLOCK, "threat", "cn.reader.threat", "reader",
    )  # fmt: skip
    assert first.span is not None
    assert MENACE[first.span.start : first.span.end].strip("，") in first.why


def test_a_chance_is_told_where_it_explains_something() -> None:
    """What debtors say is no message and was not learned from, so that much of it is of no likely kind."""
    rows = (CORPUS / "utterances-dev-zh.jsonl").read_text(encoding="utf-8").splitlines()[:200]
    findings = [found for row in rows for found in read(json.loads(row)["text"])]
    likely = {found: (found.confidence or 0) >= 0.5 for found in findings}
    assert set(likely.values()) == {True, False}
    assert {found: "把握" in found.why for found in findings} == likely


def test_who_is_told_decides() -> None:
    text = "【青禾银行】您尾号1234的贷款已逾期，欠款8,200元，请登录手机银行还款。"
    assert score(text, audience="other_third_party").p_block > score(text).p_block + 0.3


def test_a_note_is_never_blocked() -> None:
    assert score(MENACE, "note", "internal").p_block == 0.0


def test_an_unknown_audience_is_read_as_a_stranger() -> None:
    assert score(TOLD, audience="neighbour").p_block == score(TOLD, audience="other_third_party").p_block


def test_the_form_of_address_decides_nothing() -> None:
    assert score(TOLD).p_allow == score(TOLD.replace("您", "你")).p_allow


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("【青禾银行】尊敬的客户，您好！本期已到期。拒收请回复r", "本期已到期。"),
        ("您有本事就别还。祝您生活愉快！", "您有本事就别还。"),
        ("祝您全家早日团圆，我说的是在地底下。", "祝您全家早日团圆，我说的是在地底下。"),
        ("【市中级法院】您好，限今日到庭。", "【市中级法院】您好，限今日到庭。"),
        ("谢谢", "谢谢"),
        ("", ""),
    ],
    ids=["all dress", "a closing", "a wish that is none", "a signature that says much", "nothing else", "nothing"],
)
def test_dress_is_not_read(text: str, core: str) -> None:
    assert text[slice(*core_of(text))] == core


@pytest.mark.parametrize("dress", ["【青禾银行】{}", "您好，{}", "{}。感谢您的配合", "【松果分期】您好，{}。退订回T"])
def test_dress_decides_nothing(dress: str) -> None:
    dressed = read(dress.format(MENACE))
    assert [(one.category, one.decision) for one in dressed] == [(one.category, one.decision) for one in read(MENACE)]


def test_a_disguised_menace_is_read_through() -> None:
    disguised = "再不还钱我就带几个人去你家门口坐着，讓你\u200b全\u200b家不得安寧"
    assert [finding.decision for finding in read(disguised)] == [finding.decision for finding in read(MENACE)]


def test_a_hard_finding_stays_whatever_the_reader_thinks() -> None:
    hard = Finding("cn.test.rule", "pii_leak", Decision.BLOCK, "因为")
    assert hard in READER.settle(Message(TOLD), Text.of(TOLD), (hard,))


@given(st.text(max_size=60))
def test_every_text_can_be_read_and_every_span_lies_in_it(text: str) -> None:
    spans = [finding.span for finding in read(text) if finding.span]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.mark.parametrize("text", [",", "。。。", "？！", " \n", "~"])
def test_signs_alone_are_nothing_that_could_be_read(text: str) -> None:
    assert read(text) == ()


def test_a_megabyte_is_read() -> None:
    assert score("还" * 1_000_000).p_allow >= 0.0


def test_the_shipped_file_is_small() -> None:
    assert SHIPPED.stat().st_size < 10_000_000


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "reader.npz"
    np.savez(file, about=np.array('{"format": 0}'))
    with pytest.raises(ValueError, match="make train"):
        Reader.load(file)


def test_findings_cite_what_the_pack_says(tmp_path: Path) -> None:
    rows = {f"CN-{number}": Citation(f"CN-{number}", "办法", "1") for number in range(len(CATEGORIES))}
    file = tmp_path / "reader.toml"
    file.write_text("[cites]\n" + "\n".join(f'{name} = ["CN-{n}"]' for n, name in enumerate(CATEGORIES)), "utf-8")
    reader = Reader.load(cites=read_cites(file, rows))
    found = reader.read(Message(MENACE), Text.of(MENACE), ())
    assert {finding.category: finding.cites[0].rule for finding in found}["threat"] == "CN-0"


@pytest.mark.parametrize("table", ['threat = ["CN-0"]', 'threat = ["CN-9"]'], ids=["category missing", "unknown row"])
def test_a_faulty_table_of_citations_is_refused(tmp_path: Path, table: str) -> None:
    file = tmp_path / "reader.toml"
    file.write_text(f"[cites]\n{table}\n", "utf-8")
    with pytest.raises(ValueError, match=r"reader\.toml"):
        read_cites(file, {"CN-0": Citation("CN-0", "办法", "1")})


def test_the_heads_are_the_decisions_and_the_categories() -> None:
    assert ("allow", "block", *CATEGORIES) == HEADS


def test_a_sign_is_waived_only_where_its_sentence_alone_may_go_out_too() -> None:
    lawful, doubtful = "您的账单已逾期三天，请于本月二十五日前还款，如有异议请致电客服。", "再不还我可要去找你了。"
    text = lawful * 3 + doubtful
    whole, alone = score(text).p_allow, score(doubtful).p_allow
    assert whole > alone
    limits = Thresholds(block=NEVER, confirm=NEVER, pass_=0.0, waive=(whole + alone) / 2)
    reader = replace(READER, model=replace(READER.model, thresholds=limits))

    def settle(sentence: str) -> list[Decision]:
        start = text.index(sentence)
        sign = Finding("cn.test.rule", "threat", Decision.BLOCK, "", soft=True, span=Span(start, start + len(sentence)))
        return [found.decision for found in reader.settle(Message(text, "im", "debtor"), Text.of(text), (sign,))]

    assert settle(lawful) == []
    assert Decision.REVIEW in settle(doubtful)
