"""Personal data that was stored in the clear is sealed by the migration."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from assistant.calls.models import CallTurn
from compliance.casebook.models import ContactAgreement, ContactPoint, Debtor
from compliance.database import Database
from compliance.gate.models import OutreachText
from compliance.migrations import _config, upgrade
from compliance.rights.models import Notice, RightsRequest
from compliance.sealing import keys_in_use

AT = "2026-11-18 02:30:00.000000"
WORDS = (
    "INSERT INTO outreach (id, client_id, body_digest, debtor_id, channel, audience, collector, at, local_day,"
    " created_at, state, decision, verdict, answer, pack_digest, tries) VALUES (1, 'o1', '', 1, 'sms', 'debtor',"
    " 'ming', :at, '2026-11-18', :at, 'sent', 'allow', '{}', '{}', '', 0)",
    "INSERT INTO outreach_texts (outreach_id, text, instead, inputs)"
    " VALUES (1, '张三您好，我得了病的事您知道', '[null, \"请三天内联系\"]', x'00ff7631')",
    "INSERT INTO calls (id, ref, debtor_id, contact_point_id, collector, caller, direction, started_at, opened_at,"
    " revision, blocks, missing) VALUES (1, 'c1', 1, 1, 'ming', '明', 'out', :at, :at, 1, 0, 0)",
    "INSERT INTO call_turns (id, call_id, seq, revision, speaker, text, at, final, verdict, intents, slots) VALUES"
    " (1, 1, 1, 1, 'debtor', '我在医院上班', :at, 1, '{}', '[]', '{\"reason\": \"住院\"}')",
    "INSERT INTO notices (id, ref, debtor_id, type, channel, evidence, at, recorded_by, recorded_at)"
    " VALUES (1, 'n1', 1, 'identity', 'call', '录音里说清了身份', :at, 'ming', :at)",
    "INSERT INTO rights_requests (id, ref, debtor_id, type, channel, evidence, answer, at, recorded_by,"
    " recorded_at) VALUES (1, 'r1', 1, 'dispute', 'call', '金额不对', '已更正金额', :at, 'ming', :at)",
    "INSERT INTO contact_agreements (id, debtor_id, since, evidence, channels, recorded_by)"
    " VALUES (1, 1, :at, '约定晚上联系', '', 'ming')",
)  # fmt: skip
READABLE = ("张三", "李四", "得了病", "三天内", "医院", "住院", "说清了", "不对", "更正", "晚上")


@pytest.fixture
def before(tmp_path: Path) -> str:
    """The URL of a database of the schema before, with a person in it."""
    url = f"sqlite:///{tmp_path / 'before.db'}"
    database = Database(url)
    with database.write() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0010")
        session.execute(text(
            "INSERT INTO debtors (id, ref, name, id_number, timezone, vulnerable, bankruptcy, no_contact_order)"
            " VALUES (1, 'D1', '张三', '110101199003071234', 'Asia/Shanghai', '', 0, 0),"
            " (2, 'D2', '李四', NULL, 'Asia/Shanghai', '', 0, 0)"
        ))  # fmt: skip
        session.execute(text(
            "INSERT INTO contact_points (id, ref, debtor_id, kind, value, reserved)"
            " VALUES (1, 'M1', 1, 'mobile', '13812345678', 1), (2, 'A1', 1, 'address', '北京市海淀区1号', 0)"
        ))  # fmt: skip
        for statement in WORDS:
            session.connection().exec_driver_sql(statement, {"at": AT})
    database.dispose()
    return url


def test_what_lay_in_the_clear_is_sealed_and_reads_as_before(before: str) -> None:
    upgrade(before)
    database = Database(before)
    with database.read() as session:
        people = session.execute(select(Debtor.id_number, Debtor.id_number_hash).order_by(Debtor.id)).all()
        points = session.scalars(select(ContactPoint.value).order_by(ContactPoint.id)).all()
        raw = str(session.execute(text("SELECT * FROM contact_points")).all())
    database.dispose()
    assert people[0] == ("110101199003071234", keys_in_use().hash("110101199003071234"))
    assert tuple(people[1]) == (None, None)
    assert points == ["13812345678", "北京市海淀区1号"]
    assert "13812345678" not in raw
    assert "海淀" not in raw


def test_names_and_words_are_sealed_where_they_stand(before: str) -> None:
    upgrade(before)
    database = Database(before)
    with database.read() as session:
        words, turn = session.scalars(select(OutreachText)).one(), session.scalars(select(CallTurn)).one()
        request, notice = session.scalars(select(RightsRequest)).one(), session.scalars(select(Notice)).one()
        names = session.execute(select(Debtor.name, Debtor.name_hash, Debtor.erased_at).order_by(Debtor.id)).all()
        evidence = session.scalar(select(ContactAgreement.evidence))
    database.dispose()
    assert (words.text, words.instead, words.inputs) == (
        "张三您好，我得了病的事您知道", [None, "请三天内联系"], b"\x00\xffv1"
    )  # fmt: skip
    assert (turn.text, turn.verdict, turn.slots) == ("我在医院上班", {}, {"reason": "住院"})
    assert (request.evidence, request.answer, notice.evidence) == ("金额不对", "已更正金额", "录音里说清了身份")
    assert evidence == "约定晚上联系"
    assert tuple(names[0]) == ("张三", keys_in_use().hash("张三"), None)
    with closing(sqlite3.connect(before.removeprefix("sqlite:///"))) as connection:
        raw = "\n".join(connection.iterdump())
    assert [word for word in READABLE if word in raw] == []
