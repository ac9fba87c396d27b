"""What cron runs every day: the sample, and reminders on the page, in the ledger and by mail. Twice is once."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner, Result
from sqlalchemy import select

from compliance import rights
from compliance.database import Database
from compliance.gate.models import Outreach
from compliance.review.models import Sample
from compliance.rights.models import RequestReminder, RightsRequest
from tests.compliance.gate.channels.test_smtp import Postbox, free_port
from tests.compliance.gate.world import EMAIL, FakeJudge, populate, send, sms
from web.cli import cli


@pytest.fixture
def here(staff_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The installation that the commands find: the staff, the small casebook, a dispute that falls due tomorrow."""
    monkeypatch.setenv("ZHENGYAN_INSTANCE", str(tmp_path))
    shutil.copyfile(staff_template, tmp_path / "zhengyan.db")
    db = Database(f"sqlite:///{tmp_path / 'zhengyan.db'}")
    populate(db)
    now = datetime.now(UTC)
    with db.write() as session:
        request = rights.receive_request(
            session, debtor_id=1, type="dispute", channel="call", evidence="金额不对", at=now, actor="wang", now=now
        )
        request.due_at = now + timedelta(days=1)
    return db


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, catch_exceptions=False)


def test_reminders_are_made_once(here: Database) -> None:
    assert [run("requests", "remind").output for _ in range(2)] == [
        "1 reminders, 0 mails, 0 failed\n", "0 reminders, 0 mails, 0 failed\n",
    ]  # fmt: skip
    with here.read() as session:
        assert session.scalars(select(RequestReminder.urgency)).all() == ["soon"]


def test_officers_with_an_address_are_mailed_once_and_no_name_is_in_it(
    here: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("user", "email", "chen", "chen@house.example").exit_code == 0
    postbox, port = Postbox(), free_port()
    for name, value in {"CHANNEL": "smtp", "SMTP_PORT": str(port), "SMTP_FROM": "desk@house.example"}.items():
        monkeypatch.setenv(f"ZHENGYAN_{name}", value)
    down = run("requests", "remind")
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        outputs = [run("requests", "remind").output for _ in range(2)]
    finally:
        controller.stop()
    assert (down.exit_code, outputs) == (1, ["0 reminders, 1 mails, 0 failed\n", "0 reminders, 0 mails, 0 failed\n"])
    [(recipients, mail)] = postbox.mails
    with here.read() as session:
        ref = session.scalars(select(RightsRequest.ref)).one()
    assert recipients == ["chen@house.example"]
    assert ref in mail.get_content()
    assert "张" not in mail.get_content()


def test_a_debtors_address_is_not_the_address_of_staff(here: Database) -> None:
    done = CliRunner().invoke(cli, ["user", "email", "chen", EMAIL])
    assert "debtor's" in str(done.exception)


def test_the_sample_of_yesterday_is_drawn_once(here: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGYAN_SAMPLE_PERCENT", "100")
    send(here, FakeJudge(limit=9), sms("1"), datetime.now(UTC))
    yesterday = (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=1)
    with here.write() as session:
        session.scalars(select(Outreach)).one().local_day = yesterday
        session.scalars(select(Outreach)).one().decision = "allow"
    assert [run("samples", "draw").output for _ in range(2)] == [
        f"{yesterday}: 1 allowed, 1 in the sample, 1 new\n", f"{yesterday}: 1 allowed, 1 in the sample, 0 new\n",
    ]  # fmt: skip
    assert run("samples", "draw", "--day", yesterday.isoformat()).output.endswith("0 new\n")
    with here.read() as session:
        assert len(session.scalars(select(Sample)).all()) == 1
