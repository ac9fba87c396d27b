"""A policy loads whole or not at all: every fault is listed, nothing can be left out or switched off."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from compliance.judge.contact import load_policy
from compliance.judge.contact.registry import SPECS
from compliance.judge.packs import PACKS, PackError

CN = PACKS / "cn"
CALLS = 'cites = ["CN-FREQ-02", "CN-FREQ-03", "CN-FREQ-10"]\nper_day = 3'
FAULTS = [
    ("a limit of nought", CALLS, CALLS.replace("per_day = 3", "per_day = 0"), "calls: per_day"),
    ("an empty limit", "per_day = 3", 'per_day = ""', "calls: per_day: must be a whole number"),
    ("a limit that is false", "per_day = 3", "per_day = false", "calls: per_day: must be a whole number"),
    ("a missing limit", "per_day = 3\n", "", "calls: per_day: must be a whole number"),
    ("a misspelt limit", "per_day = 3", "per_day = 3\nper_dya = 3", "calls: per_dya: is not a field here"),
    ("an unknown rule", "[rule.self_harm]", "[rule.selfharm]", "rule.selfharm: is no rule"),
    ("an unknown row", '"CN-ID-05"', '"CN-ID-99"', "outsourcing_notice: cites: 'CN-ID-99' is no row"),
    ("unverified shown as law", 'house = true\ndecision = "review"\ncites = ["CN-VUL-09"]',
     'decision = "review"\ncites = ["CN-VUL-09"]', "bankruptcy: cites: CN-VUL-09 is not verified"),
    ("a rule that only informs", 'decision = "block"\ncites = ["CN-PLAN-03"]',
     'decision = "allow"\ncites = ["CN-PLAN-03"]', "plan: decision: allow would switch this rule off"),
    ("a gap between values", "until = 2026-01-30", "until = 2026-01-01", "hours: until: the value since 2025-02-28"),
    ("an end without successor", 'since = 2023-03-01', 'since = 2023-03-01\nuntil = 2027-01-01',
     "outsourcing_notice: until: the last value must not end"),
    ("a reason with an unknown number", "{used} 条，短信", "{use} 条，短信", "messages_day: why: names {use}"),
    ("an hour with a zone", "open = 08:00:00", 'open = "08:00"', "hours: open: must be a time of day"),
    ("an unknown category", 'category = "hours"', 'category = "time"', "hours: category: must be one of"),
    ("an unknown zone", '"Asia/Shanghai"', '"Asia/Shangai"', "default_zone: 'Asia/Shangai' is no time zone"),
]  # fmt: skip


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "cn"
    folder.mkdir()
    for name in ("contact.toml", "rights.toml", "rules.csv"):
        shutil.copy(CN / name, folder / name)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(PackError) as raised:
        load_policy(folder)
    return [str(fault) for fault in raised.value.faults]


def test_the_shipped_policy_has_every_rule() -> None:
    policy = load_policy(CN)
    assert policy.rules.keys() == SPECS.keys()
    assert all(rule.id == f"cn.contact.{name}" for name, rule in policy.rules.items())


def test_what_is_not_verified_stands_only_behind_house_policy() -> None:
    values = [value for rule in load_policy(CN).rules.values() for value in rule.values]
    assert all(value.house for value in values if any(cite.confidence == "not verified" for cite in value.cites))


@pytest.mark.parametrize(("old", "new", "fault"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_is_named(pack: Path, old: str, new: str, fault: str) -> None:
    edit(pack / "contact.toml", old, new)
    assert any(fault in listed for listed in faults_of(pack)), faults_of(pack)


def test_a_rule_left_out_is_named(pack: Path) -> None:
    edit(pack / "contact.toml", "[rule.settled]", "[rule.plan.settled]")
    edit(pack / "contact.toml", "[[rule.settled.value]]", "[[rule.plan.settled.value]]")
    assert "contact.toml: rule.settled: is missing: no rule may be left out" in faults_of(pack)


def test_every_fault_is_listed_at_once(pack: Path) -> None:
    edit(pack / "contact.toml", "per_week = 3", "per_week = 0")
    edit(pack / "contact.toml", "least = 2", "least = -1")
    assert len(faults_of(pack)) == 2


@pytest.mark.parametrize("name", ["contact.toml", "rights.toml", "rules.csv"])
def test_a_missing_file_is_a_fault(pack: Path, name: str) -> None:
    (pack / name).unlink()
    assert any(name in fault for fault in faults_of(pack))


def test_a_request_without_a_clock_is_a_fault(pack: Path) -> None:
    edit(pack / "rights.toml", 'clock = { days = 20, cites = ["CN-CMPL-08"] }', "")
    assert any("request.credit_dispute: days" in fault for fault in faults_of(pack))


def test_an_unverified_period_is_marked_as_house_policy(pack: Path) -> None:
    edit(pack / "rights.toml", "clock = { days = 7, house = true,", "clock = { days = 7,")
    assert any("CN-PLAN-10 is not verified" in fault for fault in faults_of(pack))


def test_the_digest_follows_the_files(pack: Path) -> None:
    before = load_policy(pack).digest
    edit(pack / "contact.toml", "per_week = 3", "per_week = 2")
    assert load_policy(pack).digest != before


@pytest.mark.parametrize(
    ("day", "articles"),
    [(date(2026, 1, 29), ["CN-HOURS-02"]), (date(2026, 1, 30), ["CN-HOURS-01", "CN-HOURS-02"])],
    ids=["before the guideline", "from its first day"],
)
def test_the_value_of_the_day_holds(day: date, articles: list[str]) -> None:
    value = load_policy(CN).rules["hours"].at(day)
    assert value is not None
    assert [cite.rule for cite in value.cites][: len(articles)] == articles


def test_before_its_first_value_a_rule_says_nothing() -> None:
    assert load_policy(CN).rules["calls"].at(date(2025, 2, 27)) is None
