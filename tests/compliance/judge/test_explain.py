"""Words lose nothing, and the explanation marks exactly what was found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compliance.judge import Message, load_judge
from compliance.judge.explain import GROUP, explain
from compliance.judge.words import cut, jieba_cut

CORPUS = Path(__file__).parents[3] / "compliance" / "corpus" / "outreach-dev-zh.jsonl"
TEXTS = [json.loads(line)["text"] for line in CORPUS.read_text(encoding="utf-8").splitlines()[::20]]


@pytest.mark.parametrize("cutter", [cut, jieba_cut])
def test_the_words_joined_are_the_text(cutter: object) -> None:
    assert callable(cutter)
    assert ["".join(cutter(text)) for text in TEXTS] == TEXTS


def test_a_document_holds_the_raw_text() -> None:
    assert [explain(text).text for text in TEXTS] == TEXTS


def test_a_finding_is_a_span_with_its_category_and_rule() -> None:
    text = "您好。再不还钱就打断你的腿。"
    doc = explain(text, load_judge("cn", reader=False).screen(Message(text, channel="im")).findings)
    assert [(span.text, span.label_, span.id_) for span in doc.spans[GROUP]] == [
        ("打断你的腿", "threat", "cn.threat.kill")
    ]


def test_sentences_are_those_of_the_judge() -> None:
    assert [sentence.text for sentence in explain("您好。请还款!谢谢").sents] == ["您好。", "请还款!", "谢谢"]


def test_an_empty_text_has_no_words() -> None:
    assert len(explain("")) == 0
