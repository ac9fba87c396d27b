"""The client that others copy, against the real application over HTTP, and against what the webhook channel signs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from compliance import gate
from compliance.gate.channels import Delivery
from compliance.gate.channels.webhook import compose, sign
from web.accounts import User, issue_token
from web.state import state_of

FILE = Path(__file__).parents[2] / "docs" / "permit_client.py"
SECRET = "s" * 40
WORDS = "您好，这里是华夏银行信用卡中心，工号1001，来电提醒您尾号账户已逾期，详情请致电95577。"


def load_client() -> Any:
    spec = importlib.util.spec_from_file_location("permit_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["permit_client"] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


client = load_client()


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def gateway(app: Flask, url: str) -> Any:
    edge = state_of(app)
    with edge.db.write() as session:
        wang = session.scalars(select(User).where(User.name == "wang")).one()
        return client.PermitClient(url, issue_token(session, wang, edge.clock()))


@pytest.fixture
def permit(app: Flask, cases: dict[str, int]) -> str:
    edge = state_of(app)
    submission = gate.Submission("g-1", "D-wang", "call", "M-wang")
    receipt = gate.submit(edge.db, edge.judge, submission, gate.Actor("wang"), edge.clock(), keys=edge.keys)
    assert receipt.permit is not None
    return receipt.permit


def test_a_dial_is_allowed_once(gateway: Any, permit: str) -> None:
    first, second = (gateway.redeem(permit, "138 1234 5678") for _ in range(2))
    assert (first.allowed, first.outreach) == (True, "g-1")
    assert (second.allowed, second.status, second.code) == (False, 409, "used")


def test_another_number_is_refused(gateway: Any, permit: str) -> None:
    answer = gateway.redeem(permit, "13900000000")
    assert (answer.allowed, answer.status, answer.code) == (False, 403, "other_content")
    assert gateway.redeem(permit, "13812345678").allowed


def test_words_where_there_were_none_are_refused(gateway: Any, permit: str) -> None:
    assert gateway.redeem(permit, "13812345678", WORDS).code == "other_content"


def test_a_wrong_token_allows_nothing(url: str, permit: str) -> None:
    answer = client.PermitClient(url, "wrong").redeem(permit, "13812345678")
    assert (answer.allowed, answer.status) == (False, 401)


def test_no_answer_allows_nothing(permit: str) -> None:
    with pytest.raises(client.Unreachable):
        client.PermitClient("http://127.0.0.1:9", "token", timeout_s=1.0).redeem(permit, "13812345678")


def test_it_recognises_what_the_webhook_channel_signs() -> None:
    at = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
    body = compose(Delivery("k" * 40, "sms", "13812345678", WORDS, at))
    stamp = str(int(at.timestamp()))
    signature = f"v1={sign(SECRET, stamp, body)}"
    assert client.is_genuine(SECRET, stamp, signature, body, now=at.timestamp() + 299)
    assert not client.is_genuine(SECRET, stamp, signature, body, now=at.timestamp() + 301)
    assert not client.is_genuine(SECRET, stamp, signature, body + b" ", now=at.timestamp())
    assert not client.is_genuine("t" * 40, stamp, signature, body, now=at.timestamp())
