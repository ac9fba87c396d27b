"""Days past due and the stage of an account, by the thresholds in ``compliance/packs/cn/stages.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from compliance.casebook.models import Account
from compliance.casebook.rows import AccountRow
from compliance.judge.types import STAGES

_FILE = Path(__file__).parents[1] / "packs" / "cn" / "stages.toml"


@dataclass(frozen=True, slots=True)
class Stages:
    """The first day past due of ``middle``, ``late`` and ``final``, by product."""

    zone: ZoneInfo
    default: tuple[int, int, int]
    products: Mapping[str, tuple[int, int, int]]

    def stage(self, product: str, days: int) -> str:
        """The stage of an account that has been due for ``days`` days; not yet due is ``initial``."""
        firsts = self.products.get(product, self.default)
        return STAGES[sum(days >= first for first in firsts)]

    def local_day(self, at: datetime) -> date:
        """The calendar day of an instant, by which debts fall due."""
        return at.astimezone(self.zone).date()


def days_past_due(due: date, today: date) -> int:
    """Whole days since the due date; 0 on that day and before it."""
    return max((today - due).days, 0)


def stage_of(account: Account | AccountRow, at: datetime) -> str:
    """The account's stage at an aware instant."""
    stages = load_stages()
    return stages.stage(account.product, days_past_due(account.due_date, stages.local_day(at)))


@cache
def load_stages(file: Path = _FILE) -> Stages:
    """The thresholds of a file, read once.

    Raises:
        ValueError: a stage is missing or does not begin after the one before.
    """
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    products = {product: _firsts(product, row) for product, row in data.get("product", {}).items()}
    return Stages(ZoneInfo(data["timezone"]), _firsts("default", data.get("default", {})), products)


def _firsts(product: str, row: Mapping[str, object]) -> tuple[int, int, int]:
    days = [day for stage in STAGES[1:] if isinstance(day := row.get(stage), int)]
    if len(days) != 3 or not 0 < days[0] < days[1] < days[2]:
        raise ValueError(f"stages of {product}: middle, late and final must be days that grow, not {dict(row)}")
    return days[0], days[1], days[2]
