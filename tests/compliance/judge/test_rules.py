"""Every fault of a rule is named: where it stands, in which field, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compliance.judge.checks import CHECKS
from compliance.judge.packs import PackError, read_pack
from compliance.judge.proof import failing_cases, load_pack
from compliance.judge.rules import Fault, Surroundings, read_rule
from compliance.judge.types import Citation, Decision, InvalidInput, Message

AROUND = Surroundings("threat.toml", "threat", {"kin": "(?:爸妈|父母)"}, {"CN-X": Citation("CN-X", "法", "1")})
GOOD: dict[str, Any] = {
    "id": "cn.threat.test", "decision": "block", "cites": ["CN-X"], "any": ["打断"], "why": "威胁。",
    "hit": ["打断你的腿"], "miss": ["您好"],
}  # fmt: skip


def faults_of(**changes: Any) -> list[Fault]:
    faults: list[Fault] = []
    raw = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
    read_rule(raw, AROUND, faults)
    return faults


def test_a_good_rule_has_no_fault() -> None:
    assert faults_of() == []


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"decison": "block"}, "decison", "is not a field"),
        ({"id": ...}, "id", "is missing"),
        ({"id": "cn.insult.test"}, "id", "must read"),
        ({"decision": "allow"}, "decision", "one of block, review"),
        ({"decision": ...}, "decision", "is missing"),
        ({"cites": ["CN-NONE"]}, "cites", "no row of rules.csv"),
        ({"cites": []}, "cites", "is missing"),
        ({"any": ["打.*断"]}, "any", "upper bound"),
        ({"any": ["打+"]}, "any", "upper bound"),
        ({"any": ["(?<!不)打断"]}, "any", "look"),
        ({"any": [r"(打)\1"]}, "any", "back-reference"),
        ({"any": ["打{0,3}"]}, "any", "empty text"),
        ({"any": ["打.{0,400}断"]}, "any", "narrow the gaps"),
        ({"any": ["(打断"]}, "any", "not a pattern"),
        ({"any": ["{kim}打"]}, "any", "no word group"),
        ({"any": "打断"}, "any", "list of strings"),
        ({"any": ...}, "any", "nothing starts the rule"),
        ({"count": {"min": 3, "of": ["打", "断"]}}, "count", "between 1 and 2"),
        ({"count": {"least": 1}}, "count", "exactly the keys"),
        ({"scope": "paragraph"}, "scope", "clause, sentence, text"),
        ({"negation": "maybe"}, "negation", "excuses, ignored"),
        ({"audience": ["debtors"]}, "audience", "not known"),
        ({"channel": ["fax"]}, "channel", "not known"),
        ({"stage": ["M1"]}, "stage", "not known"),
        ({"check": "lunh"}, "check", "no check"),
        ({"near": {"rule": "cn.threat.x", "within": -1}}, "near", "number of sentences"),
        ({"must_say": [{"what": "金额"}]}, "must_say", "each item needs"),
        ({"soft": "yes"}, "soft", "true or false"),
        ({"since": "2026-01-01"}, "since", "a date"),
        ({"also": ["threat"]}, "also", "already the category"),
        ({"also": ["nothing"]}, "also", "not known"),
        ({"mask": True, "instead": "好"}, "mask", "either"),
        ({"why": ...}, "why", "is missing"),
        ({"hit": []}, "hit", "at least"),
        ({"miss": ...}, "miss", "at least"),
        ({"hit": [{"txt": "打断"}]}, "hit", "with `text`"),
        ({"hit": [{"text": "打断", "channel": "fax"}]}, "hit", "no channel"),
        ({"hit": [{"text": "打断", "when": "now"}]}, "hit", "not a field of a case"),
    ],
)  # fmt: skip
def test_a_fault_names_its_field_and_what_to_do(changes: dict[str, Any], field: str, says: str) -> None:
    faults = faults_of(**changes)
    assert [(fault.rule is not None, fault.field) for fault in faults if says in fault.problem] == [(True, field)]


def test_all_faults_of_a_rule_are_listed_at_once() -> None:
    fields = {fault.field for fault in faults_of(cites=["CN-NONE"], any=["打+"], nonsense=1, why=...)}
    assert {"cites", "any", "nonsense", "why"} <= fields


HEAD = 'version = "1"\ntimezone = "Asia/Shanghai"\n'
ROWS = (
    "id,subject,instrument,article,threshold,action,channel,summary_zh,confidence\nCN-X,a,法,1,,block,all,要,verified\n"
)
RULE = """
[[rule]]
id = "xx.threat.test"
decision = "block"
cites = ["CN-X"]
any = ["打断"]
why = "威胁。"
instead = "请联系我们。"
hit = ["打断你的腿"]
miss = ["您好"]
"""


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "xx"
    folder.mkdir()
    (folder / "pack.toml").write_text(HEAD, encoding="utf-8")
    (folder / "rules.csv").write_text(ROWS, encoding="utf-8")
    (folder / "threat.toml").write_text(RULE, encoding="utf-8")
    return folder


def test_a_whole_pack_is_read(pack_folder: Path) -> None:
    assert [rule.id for rule in read_pack(pack_folder).rules] == ["xx.threat.test"]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("threat.toml", RULE + RULE, "used twice"),
        ("threat.toml", "[[rule]\n", "not TOML"),
        ("threat.toml", "[rules]\n", "is not known here"),
        ("pack.toml", 'version = "1"\n', "timezone: is missing"),
        ("words.toml", "[words]\na = ['{b}']\nb = ['{a}']\n", "in a circle"),
        ("words.toml", "[words]\na = []\n", "list of words"),
        ("words.toml", "[word]\na = ['x']\n", "not a table of words.toml"),
        ("rules.csv", "id,article\nCN-X,1\n", "instrument"),
        ("threat.toml", RULE + 'near = {rule = "xx.threat.none", within = 1}\n', "is no rule without"),
    ],
)
def test_a_pack_with_a_fault_does_not_load(pack_folder: Path, file: str, text: str, says: str) -> None:
    (pack_folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match=says):
        read_pack(pack_folder)


def test_a_pack_whose_own_cases_fail_does_not_load(pack_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(pack_folder.parent / "cache"))
    (pack_folder / "threat.toml").write_text(RULE.replace("您好", "打断他"), encoding="utf-8")
    with pytest.raises(PackError, match=r"打断他.*hits"):
        load_pack("xx", pack_folder.parent)


def test_failing_cases_name_the_rule_and_the_text(pack_folder: Path) -> None:
    (pack_folder / "threat.toml").write_text(RULE.replace("打断你的腿", "您好啊"), encoding="utf-8")
    assert [(fault.rule, fault.field) for fault in failing_cases(read_pack(pack_folder))] == [("xx.threat.test", "hit")]


def test_a_passed_check_is_remembered_until_the_pack_changes(
    pack_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = pack_folder.parent / "cache"
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(cache))
    first = load_pack("xx", pack_folder.parent).digest
    (pack_folder / "threat.toml").write_text(RULE.replace("您好", "再见"), encoding="utf-8")
    assert load_pack("xx", pack_folder.parent).digest != first
    assert len(list(cache.glob("*.proved"))) == 2


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(InvalidInput, match="is no pack"):
        load_pack("../cn")


def test_filters_and_dates_decide_whether_a_rule_speaks() -> None:
    from datetime import date

    faults: list[Fault] = []
    raw = {**GOOD, "audience": ["debtor"], "stage": ["late"], "since": date(2026, 1, 1), "until": date(2026, 12, 31)}
    rule = read_rule(raw, AROUND, faults)
    assert rule is not None
    assert rule.decision is Decision.BLOCK
    assert rule.admits(Message("x", stage="late"))
    assert not rule.admits(Message("x"))
    assert not rule.admits(Message("x", stage="late", audience="other_third_party"))
    assert [rule.in_force(day) for day in (date(2025, 12, 31), date(2026, 6, 1), date(2027, 1, 1), None)] == [
        False, True, False, True,
    ]  # fmt: skip


DOCUMENT = (Path(__file__).parents[3] / "docs" / "rules-language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_is_documented(name: str) -> None:
    assert f"| `{name}` |" in DOCUMENT


def test_every_field_is_documented() -> None:
    (fault,) = faults_of(nonsense=1)
    fields = fault.problem.split("one of ")[1].split(", ")
    assert [field for field in fields if f"`{field}`" not in DOCUMENT] == []
