"""Loading the demo into an empty database."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from compliance.casebook.models import Debtor
from compliance.database import Database
from compliance.gate.tokens import PermitKeys
from compliance.judge import Judge
from scripts_library import load_seeds, plant
from scripts_library.models import Script
from web.accounts import User, create_user
from web.demo.casebook import add_casebook
from web.demo.desks import desk_acts
from web.demo.floor import TRAINED, Floor
from web.demo.fortnight import DAYS, run_fortnight
from web.demo.people import STAFF, STAFF_NO, people
from web.demo.plans import add_plans
from web.demo.training import AUTHOR, SECOND, train

PASSWORD = "zhengyan-demo"  # noqa: S105 - printed at the start, for invented data only
"""Of all demo users."""
SECRET = "demo"  # noqa: S105 - where nobody needs the page
SEED = 20261122
ZONE = ZoneInfo("Asia/Shanghai")


def is_empty(db: Database) -> bool:
    """Whether there is nobody and nothing yet: the only place where demo data may go."""
    with db.read() as session:
        return all(session.scalar(select(table.id).limit(1)) is None for table in (User, Debtor, Script))


def load_demo(db: Database, judge: Judge, now: datetime, *, keys: PermitKeys, secret: str = SECRET) -> bool:
    """Fill an empty database with the demo as of ``now`` (aware); ``False`` where it is not empty.

    ``secret`` is that of the installation: debtors' codes are made with it.

    Raises: what the functions of the real path raise; then the database is to be thrown away.
    """
    if not is_empty(db):
        return False
    rng = Random(SEED)  # noqa: S311 - the same demo every time, nothing secret
    local = now.astimezone(ZONE)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    everybody = people(local.date(), rng)
    with db.write() as session:
        add_casebook(session, everybody, start)
        add_plans(session, everybody, start)
        for name, shown, role, agency in STAFF:
            trained = now + TRAINED if role == "collector" else None
            create_user(
                session, name, shown, role, PASSWORD, start,
                agency=agency, staff_no=STAFF_NO[name], trained_until=trained,
            )  # fmt: skip
        opened = start + timedelta(hours=8, minutes=30)
        plant(session, judge, load_seeds(), author=AUTHOR, approver=SECOND, now=opened)
        train(session, judge, opened)
    floor = Floor(db, judge, keys, rng, now)
    run_fortnight(floor, everybody, start, desk_acts(floor, everybody, start, secret))
    return True
