from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from compliance.casebook import days_past_due, load_stages, stage_of
from compliance.casebook.models import Account


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (0, "initial"),
        (1, "initial"),
        (30, "initial"),
        (31, "middle"),
        (90, "middle"),
        (91, "late"),
        (180, "late"),
        (181, "final"),
        (9999, "final"),
    ],
)
def test_the_stage_follows_from_days_past_due(days: int, stage: str) -> None:
    assert load_stages().stage("card", days) == stage


def test_what_is_not_yet_due_has_no_days(now: datetime) -> None:
    assert days_past_due(now.date() + timedelta(days=3), now.date()) == 0


def test_the_day_is_the_creditors_and_not_that_of_utc() -> None:
    account = Account(product="card", due_date=date(2026, 10, 18))
    assert stage_of(account, datetime(2026, 11, 17, 15, 59, tzinfo=UTC)) == "initial"
    assert stage_of(account, datetime(2026, 11, 17, 16, 0, tzinfo=UTC)) == "middle"


def test_a_product_may_have_its_own_days(tmp_path: Path) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(
        'timezone = "Asia/Shanghai"\n[default]\nmiddle = 31\nlate = 91\nfinal = 181\n'
        "[product.car_loan]\nmiddle = 16\nlate = 46\nfinal = 121\n"
    )
    stages = load_stages(file)
    assert (stages.stage("car_loan", 16), stages.stage("card", 16)) == ("middle", "initial")


@pytest.mark.parametrize(
    "days", ["middle = 31\nlate = 31\nfinal = 181", "middle = 31", "middle = 0\nlate = 2\nfinal=3"]
)
def test_days_that_do_not_grow_are_refused(tmp_path: Path, days: str) -> None:
    file = tmp_path / "stages.toml"
    file.write_text(f'timezone = "Asia/Shanghai"\n[default]\n{days}\n')
    with pytest.raises(ValueError, match="default"):
        load_stages(file)
