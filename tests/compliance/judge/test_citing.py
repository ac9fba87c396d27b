"""How a rule is cited for people."""

from __future__ import annotations

import csv
import re

import pytest

from compliance.judge.citing import cite_articles
from compliance.judge.packs import PACKS


@pytest.mark.parametrize(
    ("source", "article", "shown"),
    [
        ("个保法", "25", "《个保法》第25条"),
        ("民法典; 个保法", "1024、1032; 25", "《民法典》第1024、1032条；《个保法》第25条"),
        ("律师法", "13、55", "《律师法》第13、55条"),
        ("残疾人保障法; 老年人权益保障法", "3; 3,78", "《残疾人保障法》第3条；《老年人权益保障法》第3、78条"),
        ("民法典; 治安法2025", "1033(1); 50(1)(5)", "《民法典》第1033条(1)；《治安法2025》第50条(1)(5)"),
        ("刑法; 公民信息解释2017", "253-1; 5", "《刑法》第253条之一；《公民信息解释2017》第5条"),
        ("刑法", "253-1、293-1", "《刑法》第253条之一、第293条之一"),
        ("个保法", "44-47、50", "《个保法》第44-47、50条"),
        ("限高规定", "1-3", "《限高规定》第1-3条"),
        ("民法典", "1033(推导)", "《民法典》第1033条(推导)"),
        ("失信规定", "8(决定第3条)", "《失信规定》第8条(决定第3条)"),
        ("中银协指引2026", "第三章(条号未核)", "《中银协指引2026》第三章(条号未核)"),
        ("中银协指引2026; 刑法", "禁止行为第3类; 307-1", "《中银协指引2026》禁止行为第3类；《刑法》第307条之一"),
        ("中银协指引2026(推导); 刑法", "禁止行为第3类; 279", "《中银协指引2026》(推导)禁止行为第3类；《刑法》第279条"),
        ("GB/T 45251-2025; 刑法", "5.3(款号未核); 68", "GB/T 45251-2025 第5.3条(款号未核)；《刑法》第68条"),
        ("民法典", "—", "《民法典》—"),
        ("(行业惯例转述)", "—", "(行业惯例转述)—"),
        ("投诉办法2020", "10前后(条号未核)", "《投诉办法2020》10前后(条号未核)"),
        ("中银协指引2026; 民法典", "第三章; 1032; 1033", "《中银协指引2026》第三章；《民法典》第1032、1033条"),
        ("甲法; 乙法; 丙法", "1; 2; 第三章; 5", "《甲法》第1、2条；《乙法》第三章；《丙法》第5条"),
        ("民法典", "1032; 1033", "《民法典》第1032、1033条"),
        ("中银协指引2026", "第三章; 5", "《中银协指引2026》第三章；第5条"),
        ("民法典; 个保法", "第三章", "《民法典》、《个保法》（第三章）"),
        ("民法典; 个保法", "1; 2; 3", "《民法典》、《个保法》（第1条；第2条；第3条）"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_instruments_stand_with_their_articles(source: str, article: str, shown: str) -> None:
    assert cite_articles(source, article) == shown


def test_no_rule_of_the_pack_loses_a_figure() -> None:
    with (PACKS / "cn" / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["instrument"], row["article"]) for row in csv.DictReader(file)]
    words = re.compile(r"[0-9]{2,}|[\u4e00-\u9fff]{2,}")
    lost = [
        (source, article)
        for source, article in rows
        if not set(words.findall(f"{source} {article}")) <= set(words.findall(cite_articles(source, article)))
    ]
    assert rows
    assert lost == []


def test_every_instrument_of_the_pack_stands_with_its_own_articles() -> None:
    with (PACKS / "cn" / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["id"], row["instrument"], row["article"]) for row in csv.DictReader(file)]
    several = [row for row in rows if ";" in row[1]]
    assert len(several) >= 30
    assert [id for id, source, article in several if len(source.split(";")) != len(article.split(";"))] == []
    two_before_an_article = re.compile(r"》(?:\([^()]*\))*[、，,\s]*《|》(?:\([^()]*\))*[、，,\s]*[A-Z]+/[A-Z]")
    assert [id for id, source, article in rows if two_before_an_article.search(cite_articles(source, article))] == []
