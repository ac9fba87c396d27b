"""The bench of calls runs against a server of its own and says whether its target is met."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import __main__ as command
from bench import call_pages, film


def test_a_quick_run_plays_calls_and_gives_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["calls", "--quick"])
    printed = capsys.readouterr().out
    assert "3 calls open on one process, 12 turns" in printed
    assert ": met)" in printed or ": MISSED)" in printed


@pytest.mark.browser
@pytest.mark.skipif(call_pages.CHROMIUM is None, reason="there is no Chromium")
def test_a_quick_run_in_a_browser_sees_every_turn(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["calls", "--quick", "--browser"])
    printed = capsys.readouterr().out
    assert "3 calls open in Chromium, 12 turns" in printed
    assert "POST to visible       12 turns" in printed


@pytest.mark.browser
@pytest.mark.skipif(call_pages.CHROMIUM is None, reason="there is no Chromium")
def test_a_film_has_a_picture_of_every_turn_and_of_what_is_around_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command.main(["calls", "--quick", "--film", str(tmp_path / "film")])
    turns = [f"{seq:02}-{speaker}.png" for seq, (speaker, _) in enumerate(film.TURNS, 1)]
    taken = sorted(path.name for path in (tmp_path / "film").iterdir())
    assert taken == ["00-preparation.png", *turns, "16-wrap-up.png", "17-afterwards.png"]
    printed = capsys.readouterr().out
    assert printed.count("visible after") == len(turns) + 1
    assert "07-collector" in next(line for line in printed.splitlines() if "an alert" in line)


def test_without_chromium_the_pages_are_not_measured_and_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_pages, "CHROMIUM", None)
    command.main(["calls", "--browser"])
    assert capsys.readouterr().out == "there is no Chromium here: what a browser shows was not measured\n"
