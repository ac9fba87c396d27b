"""What a verdict was decided on is stored and comes back as it was."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from compliance.gate.inputs import canonical_json, digest_inputs, pack_inputs, unpack_inputs
from compliance.judge.facts import (
    Agreement,
    AttemptFacts,
    ContactFacts,
    ContactPointFacts,
    NoticeFacts,
    RequestFacts,
)
from compliance.judge.types import Message

AT = datetime(2026, 11, 18, 2, 30, 0, 123456, tzinfo=UTC)
MESSAGE = Message(
    "您好", "sms", "debtor", "zh", "middle", True, (Decimal("1023.50"), Decimal("0.00")), "（2026）京1号", ("前一条",)
)
FACTS = ContactFacts(
    debtor="D1",
    creditor=None,
    contact_point=ContactPointFacts("M1", "mobile", None, "contract", None, refused_at=AT),
    days_past_due=0,
    due_date=date(2026, 10, 1),
    vulnerable=("illness",),
    vulnerable_since=(("illness", AT),),
    attempts=tuple(AttemptFacts(AT - timedelta(hours=n), "call", "M1", "self", "sent", "busy") for n in range(40)),
    agreements=(Agreement(AT, None, "录音", ("sms", "email"), time(19), time(21, 30), 1),),
    notices=(NoticeFacts("identity", AT, "EMS 1"),),
    requests=(RequestFacts("rq_1", "dispute", AT, None),),
    collector_trained_until=date(2027, 1, 1),
)


@pytest.mark.parametrize("facts", [FACTS, None], ids=["contact", "note"])
def test_what_is_stored_comes_back_but_for_the_words(facts: ContactFacts | None) -> None:
    inputs = unpack_inputs(pack_inputs(MESSAGE, facts, AT))
    assert (inputs.facts, inputs.at) == (facts, AT)
    assert inputs.message == Message(
        "", "sms", "debtor", "zh", "middle", True, MESSAGE.amounts, MESSAGE.case_no, ("前一条",)
    )


def test_the_same_inputs_have_the_same_digest_and_others_another() -> None:
    digests = {digest_inputs(pack_inputs(MESSAGE, FACTS, at)) for at in (AT, AT, AT + timedelta(microseconds=1))}
    assert len(digests) == 2


def test_a_fact_that_was_not_known_of_then_takes_its_default_and_one_that_is_gone_is_passed_over() -> None:
    written = json.loads(zlib.decompress(pack_inputs(MESSAGE, FACTS, AT)))
    names = written["fields"]["ContactFacts"]
    row = written["inputs"][1]
    del row[names.index("visitors")]
    names.remove("visitors")
    names.append("shoe_size")
    row.append(43)
    assert unpack_inputs(zlib.compress(json.dumps(written).encode())).facts == FACTS


def test_a_long_history_takes_little_room() -> None:
    assert len(pack_inputs(MESSAGE, FACTS, AT)) < 1_500


@pytest.mark.parametrize("stored", [b"", b"\x00\x01", zlib.compress(b"[]"), zlib.compress(b'{"fields": {}}')])
def test_what_is_no_inputs_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="no inputs"):
        unpack_inputs(stored)


def test_for_people_every_value_has_its_name() -> None:
    shown = json.loads(canonical_json(unpack_inputs(pack_inputs(MESSAGE, FACTS, AT))))
    assert shown["facts"]["contact_point"]["kind"] == "mobile"
    assert shown["message"]["amounts"] == ["1023.50", "0.00"]
