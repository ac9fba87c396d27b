"""Both languages are complete, and the compiled catalogue is the one beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.conftest import PageClient

WEB = Path(__file__).parents[2] / "web"
CATALOGUE = WEB / "translations" / "en" / "LC_MESSAGES" / "messages"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "_l": None}
PLACE = re.compile(r"%\(\w+\)s")


def texts() -> Iterator[str]:
    for found in extract_from_dir(WEB, METHODS, keywords=KEYWORDS):
        message = found[2]
        assert isinstance(message, str), f"plural forms are not used: {message}"
        yield message


def english() -> dict[str, str]:
    with CATALOGUE.with_suffix(".po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def test_every_text_has_its_english() -> None:
    known = english()
    assert sorted({text for text in texts() if not known.get(text)}) == []


def test_the_catalogue_holds_nothing_else_and_in_the_order_that_make_i18n_writes() -> None:
    assert list(english()) == sorted(set(texts()))


def test_every_text_is_chinese_in_the_source() -> None:
    assert [text for text in texts() if not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)] == []


def test_both_languages_have_the_same_places() -> None:
    assert [zh for zh, en in english().items() if sorted(PLACE.findall(zh)) != sorted(PLACE.findall(en))] == []


def test_the_compiled_catalogue_is_current() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {str(message.id): str(message.string) for message in read_mo(file) if message.id}
    assert compiled == {zh: en for zh, en in english().items() if en}


def test_templates_hold_no_chinese_outside_of_translated_texts() -> None:
    loose = []
    for template in (WEB / "templates").rglob("*.html"):
        source = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.S)
        source = re.sub(r"\b_\(\s*(\"[^\"]*\"|'[^']*')", "", source)
        loose += [(template.name, found) for found in re.findall(r"[\u4e00-\u9fff]+", source)]
    assert loose == []


@pytest.mark.parametrize(("lang", "word"), [("en", "My cases"), ("zh", "我的案件")])
def test_the_switch_in_the_header_chooses_the_language(
    login: Callable[[str], PageClient], lang: str, word: str
) -> None:
    browser = login("wang")
    assert browser.submit("/language", {"lang": lang, "next": "/cases"}).headers["Location"] == "/cases"
    assert word in browser.get("/cases").text


def test_an_unknown_language_changes_nothing(login: Callable[[str], PageClient]) -> None:
    browser = login("wang")
    browser.submit("/language", {"lang": "xx"})
    assert "我的案件" in browser.get("/cases").text


def test_the_language_may_be_chosen_before_log_in(client: PageClient) -> None:
    assert "登录正言" in client.get("/login", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    client.submit("/language", {"lang": "en"})
    assert "Log in to Zhengyan" in client.get("/login").text
