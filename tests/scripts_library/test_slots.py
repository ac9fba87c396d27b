from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from compliance.casebook.models import Account, Creditor, Debtor
from scripts_library.slots import (
    SLOTS,
    UnfilledSlot,
    account_slots,
    fill,
    slot_faults,
    slots_in,
    surname,
    worst_case_slots,
)


def owed(**changes: object) -> Account:
    fields = {
        "agency": None,
        "product": "credit_card",
        "account_no": "6225880011223344",
        "principal": Decimal("12000"),
        "interest": Decimal("345.6"),
        "fees": Decimal("0"),
        "due_date": date(2026, 10, 5),
    }
    return Account(**fields | changes)


DEBTOR = Debtor(ref="d1", name="欧阳明")
CREDITOR = Creditor(name="海岳银行", phone="400-000-5377")


def values(account: Account, **more: object) -> dict[str, str]:
    return account_slots(DEBTOR, account, CREDITOR, on=date(2026, 11, 18), collector_no="7", caller="王芳", **more)


def test_every_slot_is_filled() -> None:
    assert fill("您好{name}，尾号{tail}", {"name": "张三", "tail": "1234"}) == "您好张三，尾号1234"


def test_a_value_that_looks_like_a_slot_stays_as_it_is() -> None:
    assert fill("{name}{tail}", {"name": "{tail}", "tail": "1"}) == "{tail}1"


@pytest.mark.parametrize("slots", [{}, {"name": ""}, {"name": "  "}], ids=["absent", "empty", "blank"])
def test_an_unfilled_slot_is_an_error_that_names_it(slots: dict[str, str]) -> None:
    with pytest.raises(UnfilledSlot) as error:
        fill("{name}您好", slots)
    assert error.value.missing == ("name",)


def test_all_unfilled_slots_are_named_at_once() -> None:
    with pytest.raises(UnfilledSlot) as error:
        fill("{amount}{name}{amount}", {})
    assert error.value.missing == ("amount", "name")


def test_slots_come_once_in_order() -> None:
    assert slots_in("{b}{a}{b}") == ("b", "a")


@pytest.mark.parametrize(
    ("say", "audience", "expected"),
    [
        ("{name}您好", "debtor", 0),
        ("{nmae}您好", "debtor", 1),
        ("{name 您好", "debtor", 1),
        ("{}您好", "debtor", 1),
        ("请{name}回电{callback}", "other_third_party", 0),
        ("请{name}给{creditor}回电，尾号{tail}", "other_third_party", 2),
        ("{creditor}", "liable_third_party", 0),
    ],
)
def test_faults_of_slots(say: str, audience: str, expected: int) -> None:
    assert len(slot_faults(say, audience)) == expected


def test_values_of_an_account() -> None:
    assert values(owed()) == {
        "name": "欧阳明",
        "surname": "欧阳",
        "creditor": "海岳银行",
        "product": "信用卡",
        "tail": "3344",
        "amount": "12,345.60",
        "principal": "12,000.00",
        "interest": "345.60",
        "fees": "0.00",
        "due_date": "2026年10月5日",
        "days": "44",
        "collector_no": "7",
        "caller": "王芳",
        "callback": "400-000-5377",
        "complaint_line": "400-000-5377",
    }


def test_days_are_unknown_before_the_due_date() -> None:
    assert "days" not in values(owed(due_date=date(2026, 11, 18)))


def test_a_plan_and_a_promise_fill_their_slots() -> None:
    filled = values(owed(), plan=(12, Decimal("1050")), promise_date=date(2026, 12, 1))
    assert (filled["plan_months"], filled["plan_amount"], filled["promise_date"]) == ("12", "1,050.00", "2026年12月1日")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("张三", "张"), ("欧阳明", "欧阳"), ("东方", "东"), ("John Lee", "John Lee"), ("买买提江", "买")],
)
def test_surname(name: str, expected: str) -> None:
    assert surname(name) == expected


@pytest.mark.parametrize("slots", worst_case_slots(), ids=["long", "short"])
def test_worst_case_values_fill_every_slot_and_add_up(slots: dict[str, str]) -> None:
    parts = sum(Decimal(slots[part].replace(",", "")) for part in ("principal", "interest", "fees"))
    assert set(slots) == set(SLOTS)
    assert parts == Decimal(slots["amount"].replace(",", ""))
