"""What is kept between starts: lost or broken it costs time, never correctness."""

from datetime import date
from pathlib import Path

import pytest

from compliance.judge.cache import cache_folder, read_cached, read_toml, write_cached

TOML = 'since = 2026-01-01\nshare = 0.25\nany = ["a", "é\\\\."]\nsoft = true\n[count]\nmin = 2\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHENGYAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def written(folder: Path, content: str) -> Path:
    file = folder / "a.toml"
    file.write_text(content, encoding="utf-8")
    return file


def test_a_file_read_again_says_the_same(folder: Path) -> None:
    file = written(folder, TOML)

    first, again = read_toml(file), read_toml(file)

    assert first == again
    assert type(again["since"]) is date
    assert len(list(cache_folder().iterdir())) == 1


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    read_toml(written(folder, "a = 1"))

    assert read_toml(written(folder, "a = 2")) == {"a": 2}


def test_a_broken_copy_is_let_go(folder: Path) -> None:
    file = written(folder, TOML)
    first = read_toml(file)
    [stored] = cache_folder().iterdir()
    stored.write_bytes(stored.read_bytes()[:20])

    assert read_toml(file) == first


@pytest.mark.parametrize("content", ['"\\u0000date" = "2026-01-01"', "a = 2026-01-01T08:00:00Z", "a = [08:00:00]"])
def test_what_json_could_not_give_back_is_not_stored(folder: Path, content: str) -> None:
    file = written(folder, content)

    assert read_toml(file) == read_toml(file)
    assert not cache_folder().exists()


def test_no_toml_is_said_so(folder: Path) -> None:
    with pytest.raises(ValueError, match="Invalid value"):
        read_toml(written(folder, "a = "))


@pytest.mark.parametrize("shared", ["folder", "file"])
def test_nothing_is_believed_that_anybody_could_have_written(folder: Path, shared: str) -> None:
    write_cached("pack.proved", b"ours")
    assert read_cached("pack.proved") == b"ours"

    (cache_folder() if shared == "folder" else cache_folder() / "pack.proved").chmod(0o777)

    assert read_cached("pack.proved") is None


def test_a_file_is_read_itself_where_its_copy_could_be_anybodys(folder: Path) -> None:
    file = written(folder, TOML)
    first = read_toml(file)
    [stored] = cache_folder().iterdir()
    stored.write_text('{"since": "false"}')
    stored.chmod(0o666)

    assert read_toml(file) == first
