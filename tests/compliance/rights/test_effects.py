"""What each type of open request does to the gate: every one through ``gate.submit`` with the rules of the pack."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from compliance import rights
from compliance.database import Database
from compliance.judge import load_judge
from compliance.rights.models import REQUEST_TYPES
from tests.compliance.gate.world import call, email, send

# Type → the state of a call to the mobile that the request names, of an e-mail while it names that mobile, and of a
# call where it names nothing.
EFFECTS = {
    "explanation": ("permitted", "permitted", "permitted"),
    "dispute": ("held", "held", "held"),
    "complaint": ("held", "held", "held"),
    "plan": ("held", "held", "held"),
    "contact_preference": ("blocked", "permitted", "held"),
    "stop_contact": ("blocked", "permitted", "held"),
    "consent_withdrawn": ("blocked", "permitted", "held"),
    "pi_copy": ("permitted", "permitted", "permitted"),
    "pi_correction": ("held", "permitted", "permitted"),
    "pi_deletion": ("held", "permitted", "permitted"),
    "credit_dispute": ("permitted", "permitted", "permitted"),
    "representation": ("held", "held", "held"),
}
WORDS = (
    "【示例银行】张先生，您信用卡账单1023.50元（本金1000.00元、利息20.50元、费用3.00元）已逾期，"
    "请登录手机银行还款。工号M1，如有异议请致电95000。"
)


@pytest.fixture(scope="module")
def law() -> Any:
    return load_judge("cn", reader=False)


def receive(db: Database, type: str, point: int | None, now: datetime) -> str:
    with db.write() as session:
        return rights.receive_request(
            session, debtor_id=1, account_id=1, contact_point_id=point, type=type, channel="call", evidence="录音 R-1",
            at=now, actor="zhou", now=now,
        ).ref  # fmt: skip


def test_every_type_is_tested() -> None:
    assert set(EFFECTS) == set(REQUEST_TYPES)


@pytest.mark.parametrize("type", EFFECTS)
def test_a_request_that_names_a_number(desk: Database, law: Any, now: datetime, type: str) -> None:
    receive(desk, type, 1, now)
    named, elsewhere, _ = EFFECTS[type]
    assert send(desk, law, call("1"), now).state == named
    assert send(desk, law, email("2", WORDS), now).state == elsewhere


@pytest.mark.parametrize("type", EFFECTS)
def test_a_request_that_names_none(desk: Database, law: Any, now: datetime, type: str) -> None:
    ref = receive(desk, type, None, now)
    receipt = send(desk, law, call("1"), now)
    assert receipt.state == EFFECTS[type][2]
    told = [finding for finding in receipt.findings if finding.rule == f"cn.contact.request_{type}"]
    assert len(told) == 1
    with desk.write() as session:
        rights.close_request(session, ref=ref, answer="已答复。", actor="li", now=now)
    assert send(desk, law, call("2"), now).state == "permitted"
