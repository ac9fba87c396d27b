"""The API through real requests, on a casebook of one debtor whom Wang works and Li does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from compliance.casebook.models import Account, ContactPoint, Creditor, Debtor
from web.accounts import User, issue_token

MOBILE = "13900001111"


@dataclass(frozen=True)
class Caller:
    app: Flask
    token: str

    def __call__(self, method: str, path: str, **rest: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **rest)


@pytest.fixture
def call(app: Flask, now: datetime) -> Callable[[str], Caller]:
    """``call("wang")`` calls the API as Wang, who works the case; ``call("")`` without a token."""
    state = app.extensions["zhengyan"]
    with state.db.write() as session:
        creditor = Creditor(name="云杉银行", kind="bank", phone="95000")
        debtor = Debtor(ref="D-1", name="方志远")
        session.add_all([creditor, debtor])
        session.flush()
        session.add(
            Account(
                creditor_id=creditor.id, debtor_id=debtor.id, product="信用卡", account_no="A-1",
                principal=Decimal("1000"), due_date=date(2026, 11, 1), collector="wang",
            )
        )  # fmt: skip
        session.add(
            ContactPoint(
                ref="P-1", debtor_id=debtor.id, kind="mobile", value=MOBILE, relation="self", source="contract",
                valid=True, reserved=True,
            )
        )  # fmt: skip
        for user in session.scalars(select(User)):
            user.trained_until = now + timedelta(days=100)
        tokens = {user.name: issue_token(session, user, now) for user in session.scalars(select(User))}
    return lambda name: Caller(app, tokens.get(name, name))


TEXT = "【云杉银行】方先生您好，您尾号1204的信用卡本期账单1000.00元已逾期，请登录手机银行还款。如有异议请致电95000。"


def outreach(**rest: Any) -> dict[str, Any]:
    return {"id": "m-1", "debtor": "D-1", "contact_point": "P-1", "channel": "sms", "text": TEXT, **rest}


def error_code(response: TestResponse) -> str:
    assert response.json is not None
    assert set(response.json["error"]) <= {"code", "message", "field"}
    return str(response.json["error"]["code"])


def test_screen_answers_the_verdict(call: Callable[[str], Caller]) -> None:
    response = call("wang")("POST", "/screen", json={"text": "再不还钱就打断你的腿"})
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["decision"] == "block"
    assert "threat" in response.json["categories"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "您好", "channel": "fax"}, "channel"),
        ({"text": "a\0b"}, "text"),
        ({"text": "您好", "surprise": 1}, "surprise"),
        ({"text": "您" * 100_001}, "text"),
    ],
    ids=["no text", "empty", "unknown channel", "NUL", "unknown field", "too long"],
)
def test_a_bad_field_is_named(call: Callable[[str], Caller], body: dict[str, Any], field: str) -> None:
    response = call("wang")("POST", "/screen", json=body)
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["error"]["field"] == field


def test_a_lone_surrogate_is_refused(call: Callable[[str], Caller]) -> None:
    response = call("wang")("POST", "/screen", data='{"text": "\\ud800"}', content_type="application/json")
    assert response.status_code == 422
    assert error_code(response) == "encoding"


@pytest.mark.parametrize("data", ["", "{", "[]", "null", "[" * 100_000, '{"text":' * 5_000])
def test_what_is_no_json_object_is_refused(call: Callable[[str], Caller], data: str) -> None:
    response = call("wang")("POST", "/screen", data=data, content_type="application/json")
    assert response.status_code == 422
    assert error_code(response)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/screen", {"text": "a\0b"}, "text"),
        ("/outreach", outreach() | {"client_id": "a\0b"}, "client_id"),
        ("/outreach/x/recording", {"recording": "a\0b"}, "recording"),
        ("/outreach", outreach() | {"a\0b": 1}, None),
    ],
)
def test_a_nul_is_refused_by_the_name_of_its_field(
    call: Callable[[str], Caller], path: str, body: dict[str, object], field: str | None
) -> None:
    response = call("wang")("POST", path, json=body)
    assert (response.status_code, error_code(response)) == (422, "nul")
    assert (response.json or {})["error"].get("field") == field


def test_a_message_is_permitted_once(call: Callable[[str], Caller]) -> None:
    wang = call("wang")
    first, second = wang("POST", "/outreach", json=outreach()), wang("POST", "/outreach", json=outreach())
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json is not None and first.json["state"] == "permitted"
    assert second.json == first.json


def test_another_body_under_the_same_id_is_a_conflict(call: Callable[[str], Caller]) -> None:
    wang = call("wang")
    wang("POST", "/outreach", json=outreach())
    assert wang("POST", "/outreach", json=outreach(text=TEXT + "谢谢。")).status_code == 409


def test_a_threat_is_blocked(call: Callable[[str], Caller]) -> None:
    response = call("wang")("POST", "/outreach", json=outreach(text="再不还钱就打断你的腿"))
    assert response.status_code == 201
    assert response.json is not None
    assert response.json["decision"] == "block"
    assert response.json["permit"] is None


def test_a_time_without_offset_is_refused(call: Callable[[str], Caller]) -> None:
    response = call("wang")("POST", "/outreach", json=outreach(send_at="2026-11-18T12:00:00"))
    assert response.status_code == 422
    assert error_code(response)


def test_a_message_at_night_says_when_it_may_go(call: Callable[[str], Caller]) -> None:
    response = call("wang")("POST", "/outreach", json=outreach(send_at="2026-11-18T23:00:00+08:00"))
    assert response.json is not None
    assert response.json["decision"] == "block"
    assert response.json["next_allowed_at"].startswith("2026-11-19T")


def test_a_permit_is_redeemed_once_for_its_recipient(call: Callable[[str], Caller]) -> None:
    wang = call("wang")
    permit = (wang("POST", "/outreach", json=outreach()).json or {})["permit"]
    other = wang("POST", "/permits/redeem", json={"permit": permit, "recipient": "13900002222", "text": TEXT})
    first = wang("POST", "/permits/redeem", json={"permit": permit, "recipient": MOBILE, "text": TEXT})
    again = wang("POST", "/permits/redeem", json={"permit": permit, "recipient": MOBILE, "text": TEXT})
    assert (other.status_code, first.status_code, again.status_code) == (403, 200, 409)


def test_a_call_is_dialled_and_its_outcome_recorded(call: Callable[[str], Caller]) -> None:
    wang = call("wang")
    dial = {"id": "c-1", "debtor": "D-1", "contact_point": "P-1", "channel": "call"}
    assert (wang("POST", "/outreach", json=dial).json or {})["state"] == "permitted"
    recorded = wang("POST", "/outreach/c-1/outcome", json={"outcome": "no_answer"})
    assert recorded.status_code == 200
    assert (wang("GET", "/outreach/c-1").json or {})["outcome"] == "no_answer"


def test_a_debtor_is_shown_masked(call: Callable[[str], Caller]) -> None:
    body = call("wang")("GET", "/debtors/D-1").text
    assert MOBILE not in body
    assert "方志远" not in body


@pytest.mark.parametrize("path", ["/debtors/D-1", "/debtors/D-1/notices", "/debtors/D-1/requests", "/debtors/D-9"])
def test_a_collector_sees_only_their_own_cases(call: Callable[[str], Caller], path: str) -> None:
    assert call("li")("GET", path).status_code == 404


def test_a_collector_cannot_contact_somebody_elses_debtor(call: Callable[[str], Caller]) -> None:
    assert call("li")("POST", "/outreach", json=outreach()).status_code == 404


def test_a_request_is_owed_and_the_next_message_sees_it(call: Callable[[str], Caller], now: datetime) -> None:
    wang = call("wang")
    body = {"type": "dispute", "channel": "call", "evidence": "“金额不对”，录音 R-77", "at": now.isoformat()}
    received = wang("POST", "/debtors/D-1/requests", json=body)
    assert received.status_code == 201
    assert (received.json or {})["due_at"]
    assert (wang("POST", "/outreach", json=outreach()).json or {})["decision"] != "allow"


def test_contactability_is_the_gates_own_answer(call: Callable[[str], Caller]) -> None:
    response = call("wang")(
        "GET",
        "/debtors/D-1/contactability",
        query_string={"channel": "call", "contact_point": "P-1", "at": "2026-11-18T23:30:00+08:00"},
    )
    assert response.json is not None
    assert response.json["allowed"] is False
    assert response.json["next_allowed_at"]


@pytest.mark.parametrize(("behind", "status"), [(timedelta(minutes=4), 200), (timedelta(minutes=6), 422)])
def test_contactability_is_asked_for_now_or_later(
    call: Callable[[str], Caller], now: datetime, behind: timedelta, status: int
) -> None:
    query = {"channel": "call", "contact_point": "P-1", "at": (now - behind).isoformat()}
    assert call("wang")("POST", "/outreach", json=outreach()).status_code == 201
    answer = call("wang")("GET", "/debtors/D-1/contactability", query_string=query)
    assert answer.status_code == status
    assert status == 200 or (answer.json or {})["error"]["field"] == "at"


@pytest.mark.parametrize("token", ["", "zy_wrong", "nonsense"])
def test_without_a_token_nothing_is_answered(call: Callable[[str], Caller], token: str) -> None:
    response = call(token)("POST", "/screen", json={"text": "您好"})
    assert response.status_code == 401
    assert error_code(response) == "unauthorized"


def test_a_collector_may_not_read_the_ledger(call: Callable[[str], Caller]) -> None:
    assert call("wang")("GET", "/ledger/head").status_code == 403


def test_an_officer_reads_what_was_decided(call: Callable[[str], Caller]) -> None:
    seq = (call("wang")("POST", "/outreach", json=outreach()).json or {})["ledger_seq"]
    entries = (call("chen")("GET", "/ledger/entries", query_string={"after": seq - 1}).json or {})["entries"]
    assert entries[0]["kind"] == "outreach:decided"
    assert MOBILE not in entries[0]["body"]


def test_the_document_names_the_codes_of_a_field(app: Flask) -> None:
    schemas = (app.test_client().get("/api/v1/openapi.json").json or {})["components"]["schemas"]
    fields = {name.split(".")[0]: schema.get("properties") for name, schema in schemas.items() if name.count(".") == 1}
    codes = [("RequestBody", "type"), ("NoticeBody", "channel"), ("OutcomeBody", "outcome"), ("CloseBody", "reason")]
    assert [pair for pair in codes if len(fields[pair[0]][pair[1]]["enum"]) <= 5] == []


def test_every_route_is_in_the_document(app: Flask) -> None:
    paths = (app.test_client().get("/api/v1/openapi.json").json or {})["paths"]
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint.rsplit(".", 1)[1] not in {"healthz", "readyz", "metrics"}
    } - {"/api/v1/openapi.json"}
    assert routes <= set(paths)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/healthz", "/api/v1/readyz"])
def test_probes_answer(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 200


def test_what_waits_is_counted_for_operators(call: Callable[[str], Caller]) -> None:
    caller = call("chen")
    before = caller("GET", "/metrics").text
    call("wang")("POST", "/outreach", json=outreach())
    after = caller("GET", "/metrics").text
    assert 'zhengyan_outreach{state="permitted"} 0.0' in before
    assert 'zhengyan_outreach{state="permitted"} 1.0' in after
