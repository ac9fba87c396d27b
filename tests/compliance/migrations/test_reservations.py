"""Scripts that ship and are installed already learn what they are reserved for."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from compliance.database import Database
from compliance.migrations import _config, upgrade

ROW = (
    "INSERT INTO scripts (id, key, stage, scene, title, channels, products, audience, only, search_text)"
    " VALUES (1, 'late.assignment.notice', 'late', '债权转让告知', '债权转让通知', 'sms', '', 'debtor', :only, '')"
)


@pytest.mark.parametrize(("before", "after"), [("", "assigned"), ("supervisor", "supervisor")])
def test_the_notice_of_an_assignment_is_reserved_unless_somebody_chose(tmp_path: Path, before: str, after: str) -> None:
    url = f"sqlite:///{tmp_path / 'before.db'}"
    database = Database(url)
    with database.write() as session:
        config = _config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "0021")
        session.execute(text(ROW), {"only": before})
    upgrade(url)
    with database.read() as session:
        assert session.execute(text("SELECT only FROM scripts")).scalars().all() == [after]
    database.dispose()
