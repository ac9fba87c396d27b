"""``conversation.toml``: every fault is named, and a pack with one does not load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compliance.judge.packs import PACKS, PackError, read_pack
from compliance.judge.talk import FILE, load_talk, talk_faults
from compliance.judge.types import InvalidInput


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKS / "cn", tmp_path / "cn"))


def faults_after(folder: Path, old: str, new: str) -> str:
    file = folder / FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return "\n".join(map(str, talk_faults(read_pack(folder))))


def test_the_shipped_file_has_no_fault() -> None:
    assert talk_faults(read_pack(PACKS / "cn")) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hit = ["已告知录音"]', 'hit = ["说了别的"]', "'说了别的' is not found"),
        ('miss = ["客户要投诉", ', 'miss = ["已告知投诉渠道", ', "'已告知投诉渠道' is found"),
        ('cites = ["CN-REC-12", ', 'cites = ["CN-NONE", ', "'CN-NONE' is no row of rules.csv"),
        ('cites = ["CN-REC-12", ', 'cites = ["CN-FREQ-07", ', "not verified"),
        ("[signal.paid]", "[signal.payed]", "signal.paid: is missing"),
        ("[check.grave]", "[check.graves]", "check.graves: is missing, or is no check"),
        ("block_from = 2", "block_form = 2", "block_form: is not a field here"),
        ("times = 3", "times = 0", "check.repeated: times: must be a whole number"),
        ('due = "always"', 'due = "sometimes"', "due: must be one of always"),
        ("{within} 次", "{often} 次", "names {often}"),
        ("any = ['已(?:复述", "any = ['已.*(?:复述", "upper bound"),
        ('decision = "block"', 'decision = "allow"', "would switch the check off"),
        ("[note.summary]", "[note.total]", "note.summary: is missing"),
        ('house_prefix = "', 'house_prefix = ["', "cannot be read"),
    ],
)
def test_a_fault_is_named(folder: Path, old: str, new: str, says: str) -> None:
    assert says in faults_after(folder, old, new)


def test_a_faulty_file_does_not_load(folder: Path) -> None:
    faults_after(folder, 'hit = ["已告知录音"]', 'hit = ["说了别的"]')
    with pytest.raises(PackError, match="说了别的"):
        load_talk(read_pack(folder))


def test_a_pack_without_the_file_judges_no_conversations(folder: Path) -> None:
    (folder / FILE).unlink()
    with pytest.raises(InvalidInput, match="does not judge conversations"):
        load_talk(read_pack(folder))


def test_a_pack_whose_listener_is_not_there_judges_no_conversations(folder: Path) -> None:
    other = folder.rename(folder.with_name("cn2"))
    with pytest.raises(PackError, match="listener-cn2"):
        load_talk(read_pack(other))


def test_a_pack_without_a_listener_hears_by_its_phrases(folder: Path) -> None:
    file = folder / FILE
    file.write_text(file.read_text(encoding="utf-8").replace("listener = true", "listener = false"), encoding="utf-8")
    assert load_talk(read_pack(folder)).listener is None
