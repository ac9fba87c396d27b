"""What exists is written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web.cli import COMMANDS
from web.config import _PARSERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z0-9]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"`{command}[ `]", README)


@pytest.mark.parametrize("setting", _PARSERS)
def test_every_setting_is_in_the_readme(setting: str) -> None:
    name = setting.upper()
    assert f"ZHENGYAN_{name}`" in README or f"`_{name.removeprefix('SMTP_')}`" in README


@pytest.mark.parametrize("target", ["help", "setup", "run", "test", "check", "bench"])
def test_the_makefile_has_the_targets_that_people_are_told_of(target: str) -> None:
    assert target in TARGETS


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
