"""The link to the debtor's page is part of the words that are judged, and opens once they are permitted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from compliance.gate.models import Outreach, OutreachText
from tests.conftest import PASSWORD, PageClient
from web import create_app
from web.config import Config
from web.state import state_of

WORDS = (
    "【华夏银行信用卡中心】张先生您好，您尾号wang的信用卡账单8380.50元已逾期45天，请登录手机银行还款。"
    "如有异议请致电95577。"
)
LINK = re.compile(r"https://rights\.example\.cn/d/([0-9A-Z]{12})")


@pytest.fixture
def app(staff_template: Path, tmp_path: Path, now: datetime) -> Iterator[Flask]:
    """The application with a public address."""
    path = tmp_path / "links.db"
    shutil.copyfile(staff_template, path)
    config = Config(
        database_url=f"sqlite:///{path}", secret_key="k" * 40, instance=tmp_path, public_url="https://rights.example.cn"
    )
    application = create_app(config, clock=lambda: now)
    application.test_client_class = PageClient
    yield application
    state_of(application).db.dispose()


@pytest.fixture
def wang(app: Flask, cases: dict[str, int]) -> PageClient:
    browser = cast(PageClient, app.test_client())
    browser.submit("/login", {"name": "wang", "password": PASSWORD})
    return browser


def send(browser: PageClient, account: int, id: str, **form: str) -> str:
    data = {"client_id": id, "point": "M-wang", "channel": "sms", "text": WORDS, "link": "yes"}
    return browser.submit(f"/cases/{account}/send", data | form, follow_redirects=True).text


def sent(app: Flask, id: str) -> tuple[str, str]:
    query = select(Outreach.state, OutreachText.text).join(OutreachText, OutreachText.outreach_id == Outreach.id)
    with state_of(app).db.read() as session:
        state, text = session.execute(query.where(Outreach.client_id == id)).one()
    return state, text or ""


def test_the_link_of_a_permitted_message_opens(app: Flask, wang: PageClient, cases: dict[str, int]) -> None:
    send(wang, cases["wang"], "m1")
    state, text = sent(app, "m1")
    found = LINK.search(text)
    assert state in ("permitted", "held")
    assert found is not None
    opens = app.test_client().get(f"/d/{found.group(1)}").status_code
    assert opens == (200 if state == "permitted" else 404)
    assert state == "permitted"


def test_the_link_of_a_blocked_message_does_not(app: Flask, wang: PageClient, cases: dict[str, int]) -> None:
    send(wang, cases["wang"], "m1", text=WORDS + "再不还款，我们就通知您的单位和家人。")
    state, text = sent(app, "m1")
    found = LINK.search(text)
    assert state == "blocked"
    assert found is not None
    assert app.test_client().get(f"/d/{found.group(1)}").status_code == 404


def test_an_earlier_link_is_replaced(app: Flask, wang: PageClient, cases: dict[str, int]) -> None:
    send(wang, cases["wang"], "m1", text=WORDS + "再不还款，我们就通知您的单位和家人。")
    send(wang, cases["wang"], "m2", text=sent(app, "m1")[1].replace("再不还款，我们就通知您的单位和家人。", ""))
    first, second = (LINK.findall(sent(app, id)[1]) for id in ("m1", "m2"))
    assert (len(first), len(second)) == (1, 1)
    assert first != second


def test_without_the_tick_the_words_stay_as_they_are(app: Flask, wang: PageClient, cases: dict[str, int]) -> None:
    send(wang, cases["wang"], "m1", link="")
    assert sent(app, "m1")[1] == WORDS


def test_the_page_of_the_case_offers_it(wang: PageClient, cases: dict[str, int]) -> None:
    assert 'name="link"' in wang.get(f"/cases/{cases['wang']}").text
