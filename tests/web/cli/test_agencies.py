"""What is known of outside agencies, as a shell tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from compliance.casebook.models import Creditor
from compliance.database import Database
from web.cli import agencies


@pytest.mark.parametrize(
    ("command", "column"), [("evaluated", Creditor.agencies_evaluated), ("engaged", Creditor.agencies_engaged)]
)
def test_a_day_is_kept_with_what_shows_it(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, command: str, column: object
) -> None:
    @contextmanager
    def opened() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(db=db, now=lambda: now)

    monkeypatch.setattr(agencies, "opened", opened)
    with db.write() as session:
        session.add(Creditor(name="云杉银行"))
    told = [command, "云杉银行", "诚信公司", "2026-03-01"]
    assert CliRunner().invoke(agencies.agency, told).exit_code == 2
    done = CliRunner().invoke(agencies.agency, [*told, "--evidence", "第 7 号"])
    assert done.output == "云杉银行: 诚信公司 2026-03-01\n"
    with db.read() as session:
        assert session.scalars(select(column)).all() == ["2026-03-01 诚信公司"]  # type: ignore[call-overload]
