"""Personal data that was stored in the clear is sealed by the migration."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from compliance.casebook.models import ContactPoint, Debtor
from compliance.database import Database
from compliance.migrations import _config, upgrade
from compliance.sealing import keys_in_use


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
