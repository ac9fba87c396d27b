from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from compliance.judge.types import STAGES, InvalidInput
from scripts_library.covering import ADVICE, MARK, README, ROWS, tables
from scripts_library.seeding import SeedScript, load_seeds
from scripts_library.wording import INTENTS, SCRIPT_CHANNELS

SEEDS = load_seeds()

GOOD = """
[[script]]
key = "initial.test.one"
stage = "initial"
scene = "首次联系"
title = "试"
say = "您好，请问是{name}本人吗？"
why = "先核实。"
avoid = "不要提欠款。"
must_say = ["核实 {name}"]
article = ["CN-ID-07"]
covers = ["A079"]
"""


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(InvalidInput) as error:
        load_seeds(folder)
    return error.value.message


def test_at_least_seventy_two_scripts_ship() -> None:
    assert len(SEEDS) >= 72


@pytest.mark.parametrize("stage", [*STAGES, "any"])
def test_every_stage_has_scripts(stage: str) -> None:
    assert Counter(seed.head.stage for seed in SEEDS)[stage] >= 10


def test_every_intent_is_answered() -> None:
    assert {seed.head.intent for seed in SEEDS} >= set(INTENTS)


def test_every_channel_has_scripts() -> None:
    assert {channel for seed in SEEDS for channel in seed.head.channels} == set(SCRIPT_CHANNELS)


def test_every_feature_row_is_covered() -> None:
    covered = {row for seed in SEEDS for row in seed.covers}
    assert covered == {f"A{number:03}" for number in range(1, ROWS + 1)}


def test_the_tables_of_the_readme_are_the_present_ones() -> None:
    assert README.read_text(encoding="utf-8").partition(MARK)[2].strip() == tables(SEEDS).strip()


def test_every_piece_of_bad_advice_has_its_lawful_way() -> None:
    assert {row for seed in SEEDS for row in seed.corrects} == set(ADVICE)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed.corrects], ids=lambda seed: seed.key)
def test_the_lawful_way_tells_the_trainer_why(seed: SeedScript) -> None:
    assert seed.wording.why
    assert seed.wording.avoid


def test_from_a_first_contact_every_common_answer_leads_on() -> None:
    by_key = {seed.key: seed for seed in SEEDS}
    reached, waiting = set(), ["initial.first_contact.own", "middle.opening.purpose", "late.opening.formal"]
    while waiting:
        seed = by_key[waiting.pop()]
        if seed.key not in reached:
            reached.add(seed.key)
            waiting += [branch.key for branch in seed.wording.branches]
    answered = {by_key[key].head.intent for key in reached}
    assert answered >= {
        "promise_to_pay", "already_paid", "forgot", "hardship", "illness_disaster", "request_plan", "request_waiver",
        "dispute", "ask_details", "ask_identity", "ask_consequence", "refuse", "stop_contact", "complain", "hostile",
        "third_party", "wrong_number", "self_harm", "callback",
    }  # fmt: skip


def test_no_two_scripts_say_the_same() -> None:
    assert [say for say, count in Counter(seed.wording.say for seed in SEEDS).items() if count > 1] == []


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.key)
def test_the_key_begins_with_the_stage(seed: SeedScript) -> None:
    assert seed.key.startswith(f"{seed.head.stage}.")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    [seed] = load_seeds(write(tmp_path, GOOD))
    assert (seed.key, seed.head.channels, seed.head.audience) == ("initial.test.one", ("call",), "debtor")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('stage = "initial"', 'stage = "early"', "early"),
        ('title = "试"', "", "title is missing"),
        ('title = "试"', "title = 3", "title must be a string"),
        ('article = ["CN-ID-07"]', 'article = "CN-ID-07"', "article must be a list"),
        ("{name}本人", "{nmae}本人", "{nmae}"),
        ("是{name}本人", "是您本人", "必说"),
        ("CN-ID-07", "CN-XX-99", "CN-XX-99"),
        ("CN-ID-07", "CN-FREQ-07", "CN-FREQ-07"),
        ('why = "先核实。"', 'why = "先核实。"\nbranches = { dance = "initial.test.two" }', "dance"),
        ('why = "先核实。"', 'why = "先核实。"\nbranches = ["refuse"]', "branches must be a table"),
        ('why = "先核实。"', 'why = "先核实。"\ncorrects = ["A079"]', "corrects: A079"),
        ('"A079"', '"B24"', "B24"),
        ("initial.test.one", "Initial", "key"),
        ('scene = "首次联系"', 'scene = "首次联系"\ncolour = "red"', "unknown field colour"),
        ('why = "先核实。"', 'why = "先核实。"\nchannels = ["fax"]', "fax"),
        ('why = "先核实。"', 'why = "先核实。"\naudience = "everybody"', "everybody"),
        ('why = "先核实。"', 'why = "先核实。"\nintent = "dance"', "dance"),
    ],
)
def test_a_fault_is_named_with_its_file_and_script(tmp_path: Path, old: str, new: str, named: str) -> None:
    message = faults(write(tmp_path, GOOD.replace(old, new)))
    assert named in message
    assert message.startswith("a.toml: ")


def test_all_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("CN-ID-07", "CN-XX-99").replace('"A079"', '"B24"'))
    write(tmp_path, "[[script]\n", "b.toml")
    assert len(faults(tmp_path).splitlines()) == 3


def test_a_key_used_twice_is_a_fault(tmp_path: Path) -> None:
    assert "used twice" in faults(write(tmp_path, GOOD + GOOD))


def test_a_branch_to_a_script_that_does_not_ship_is_a_fault(tmp_path: Path) -> None:
    branches = 'why = "先核实。"\nbranches = { refuse = "initial.test.two" }'
    message = faults(write(tmp_path, GOOD.replace('why = "先核实。"', branches)))
    assert message == "initial.test.one: branches: there is no script initial.test.two"


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    assert "no scripts" in faults(tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(GOOD.encode("gbk"))
    assert "a.toml: not TOML" in faults(tmp_path)
