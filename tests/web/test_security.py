"""What every answer carries, and what no page does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import PageClient

WEB = Path(__file__).parents[2] / "web"
PAGES = {
    "wang": ["/cases", "/cases?q=%E5%BC%A0&stage=middle", "/cases/1", "/cases/1?channel=call", "/no-such-page"],
    "chen": ["/review", "/review/decided", "/ledger"],
    "admin": ["/admin/users", "/ledger"],
}
TOLD = {
    "notice-type": "outsourcing",
    "notice-channel": "call",
    "notice-evidence": "录音 77",
    "notice-at": "2026-01-05T10:00",
}
STATUS = {"/no-such-page": 404}
OWN = [(name, path) for name, paths in PAGES.items() for path in paths]


@pytest.mark.parametrize(("name", "path"), OWN)
def test_the_page_opens(login: Callable[[str], PageClient], cases: dict[str, int], name: str, path: str) -> None:
    assert login(name).get(path).status_code == STATUS.get(path, 200)


def test_a_file_leaves_the_session_as_it_is(login: Callable[[str], PageClient]) -> None:
    client = login("wang")
    assert "Set-Cookie" in client.get("/cases").headers
    with client.get("/static/logo.svg") as file:
        assert "Set-Cookie" not in file.headers


def test_a_judgement_on_its_way_leaves_the_notice_of_what_was_done(
    login: Callable[[str], PageClient], cases: dict[str, int]
) -> None:
    wang, case = login("wang"), f"/cases/{cases['wang']}"
    draft = {"client_id": "m-1", "point": "M-wang", "channel": "sms", "text": "您好"}
    asked_before = wang.get_cookie("zhengyan")
    assert asked_before is not None
    wang.submit(f"{case}/notices", TOLD)
    noticed = wang.get_cookie("zhengyan")
    wang.set_cookie("zhengyan", asked_before.value)
    judged = wang.submit(f"{case}/judge", draft, headers={"HX-Request": "true"})
    assert (judged.status_code, "Set-Cookie" in judged.headers) == (200, False)
    assert noticed is not None
    wang.set_cookie("zhengyan", noticed.value)
    assert "已登记告知" in wang.get(case).text


def test_what_a_fragment_changes_in_the_session_is_kept(
    login: Callable[[str], PageClient], cases: dict[str, int]
) -> None:
    wang, case = login("wang"), f"/cases/{cases['wang']}"
    assert "Set-Cookie" in wang.submit(f"{case}/notices", TOLD, headers={"HX-Request": "true"}).headers
    assert "已登记告知" in wang.get(case).text


@pytest.mark.parametrize(("name", "path"), OWN)
def test_headers_keep_the_page_to_itself(
    login: Callable[[str], PageClient], cases: dict[str, int], name: str, path: str
) -> None:
    headers = login(name).get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("name", "path"), OWN)
def test_a_page_asks_no_other_host_and_holds_no_inline_code(
    login: Callable[[str], PageClient], cases: dict[str, int], name: str, path: str
) -> None:
    page = login(name).get(path).text
    assert re.findall(r"""(?:src|href|action|hx-\w+)=["'](?:https?:)?//""", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page) == []


@pytest.mark.parametrize(("name", "path"), OWN)
def test_ids_are_unique_and_labels_name_a_field(
    login: Callable[[str], PageClient], cases: dict[str, int], name: str, path: str
) -> None:
    page = login(name).get(path).text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label[^>]*\sfor="([^"]+)"', page)) <= set(ids)


def test_the_style_sheets_ask_no_other_host() -> None:
    for sheet in WEB.glob("static/**/*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == []


def test_a_form_without_its_token_changes_nothing(login: Callable[[str], PageClient]) -> None:
    browser = login("admin")
    answer = browser.post(
        "/admin/users", data={"name": "mallory", "display_name": "M", "role": "admin", "password": "x" * 12}
    )
    assert answer.status_code == 400
    assert "mallory" not in browser.get("/admin/users").text


def test_a_token_of_another_session_is_refused(client: PageClient, login: Callable[[str], PageClient]) -> None:
    foreign = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert foreign is not None
    assert login("admin").post("/logout", data={"csrf_token": foreign.group(1)}).status_code == 400


def test_an_unexpected_error_tells_nothing_of_itself(app: Flask, login: Callable[[str], PageClient]) -> None:
    browser = login("admin")

    def broken() -> str:
        raise RuntimeError("the secret of the house")

    broken.allowed_roles = frozenset({"admin"})  # type: ignore[attr-defined]
    app.view_functions["admin.users"] = broken
    answer = browser.get("/admin/users")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_a_fragment_gets_its_error_as_a_fragment(login: Callable[[str], PageClient]) -> None:
    answer = login("wang").get("/cases/999999", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_too_large_a_request_is_refused(login: Callable[[str], PageClient], cases: dict[str, int]) -> None:
    answer = login("wang").submit(f"/cases/{cases['wang']}/note", {"note": "长" * 3_000_000})
    assert answer.status_code == 413
