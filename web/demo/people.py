"""Who is in the demo: the staff, the creditors, and forty debtors with their debts, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

AGENCY = "正协信用管理有限公司"
STAFF = (
    ("wang", "王芳", "collector", None),
    ("li", "李强", "collector", AGENCY),
    ("chen", "陈静", "officer", None),
    ("zhao", "赵敏", "officer", None),
    ("lin", "林晓", "trainer", None),
    ("wu", "吴越", "trainer", None),
    ("admin", "管理员", "admin", None),
)
"""Login name, display name, role, agency."""
STAFF_NO = {
    "wang": "3107",
    "li": "ZX0215",
    "chen": "1002",
    "zhao": "1003",
    "lin": "2001",
    "wu": "2002",
    "admin": "9001",
}
"""By login name."""
CREDITORS = (
    ("海岳银行", "bank", "400-000-5377", ""),
    ("晨帆消费金融有限公司", "consumer_finance", "400-000-5388", ""),
    ("云岭小额贷款有限公司", "microloan", "400-000-5399", AGENCY),
)
"""Name, kind, public line, agencies on the public list."""
NAMES = (
    "方知远", "谢雨桐", "贺子昂", "陆清和", "邵明轩", "叶晚晴", "秦书意", "孟庭舟", "沈若溪", "江临川",
    "顾念之", "白云深", "梁思齐", "石望岳", "苏砚秋", "欧阳予安", "程见山", "唐小满", "韩牧野", "傅听澜",
    "尹在水", "夏长乐", "宁静远", "段青梧", "魏来", "汤包山", "祝余", "柏一帆", "祁连雪", "施南枝",
    "龚立春", "万里晴", "毕方舟", "樊星河", "岑溪", "乐正言", "水云间", "木子期", "卓不凡", "闻人语",
)  # fmt: skip
DAYS = (
    -3, 2, 4, 6, 8, 11, 14, 17, 20, 23, 26, 29,
    33, 36, 40, 44, 48, 53, 57, 62, 68, 74, 81, 88,
    94, 101, 109, 118, 127, 138, 150, 163, 176,
    190, 215, 260, 320, 410, 560, 700,
)  # fmt: skip
"""Days past due of each debtor's debt, by stage: initial, middle, late, final."""
REGION = "990001"
"""First six digits of the identity numbers: no place has this code."""
MOBILE_PREFIX = "1540000"
"""No operator has numbers that begin so."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Point:
    """One contact point; see ``compliance.casebook.models.ContactPoint``."""

    kind: str
    value: str
    relation: str | None
    label: str
    source: str | None
    reserved: bool = False
    agreed: bool | None = None
    liable_evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One debtor with one debt, in yuan."""

    number: int
    name: str
    id_number: str
    creditor: int
    agency: str | None
    collector: str
    product: str
    account_no: str
    principal: Decimal
    interest: Decimal
    fees: Decimal
    due_date: date
    points: tuple[Point, ...]

    @property
    def ref(self) -> str:
        return f"D{self.number:04}"

    def point_ref(self, index: int) -> str:
        return f"{self.ref}-P{index}"


def people(today: date, rng: Random) -> list[Person]:
    """The forty debtors as of ``today``."""
    return [_person(number, name, today, rng) for number, name in enumerate(NAMES, 1)]


def identity_number(birth: date, sequence: int) -> str:
    """Eighteen digits with a right check digit (GB 11643), of a region that does not exist."""
    body = f"{REGION}{birth:%Y%m%d}{sequence:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


def _person(number: int, name: str, today: date, rng: Random) -> Person:
    days = DAYS[number - 1]
    creditor = (0, 1, 2, 0, 2)[number % 5]
    principal = Decimal(rng.randrange(1800, 68000))
    late = max(days, 0)
    product = {0: ("credit_card", "consumer_loan", "car_loan")[number % 3], 1: "consumer_loan", 2: "microloan"}[
        creditor
    ]
    return Person(
        number=number,
        name=name,
        id_number=identity_number(date(1968 + rng.randrange(34), rng.randrange(1, 13), rng.randrange(1, 28)), number),
        creditor=creditor,
        agency=AGENCY if creditor == 2 else None,
        collector="li" if creditor == 2 else "wang",
        product=product,
        account_no=f"{('HY', 'CF', 'YL')[creditor]}{2024}{rng.randrange(10**7, 10**8)}",
        principal=principal,
        interest=(principal * late * Decimal("0.0004")).quantize(Decimal("0.01")),
        fees=Decimal("0.00") if creditor == 1 else (principal * Decimal("0.005")).quantize(Decimal("0.01")),
        due_date=today - timedelta(days=days),
        points=tuple(_points(number, rng)),
    )


def _points(number: int, rng: Random) -> Iterator[Point]:
    yield Point("mobile", f"{MOBILE_PREFIX}{number:04}", "self", "本人", "reserved", reserved=True)
    if number % 2:
        yield Point("email", f"debtor{number:02}@example.com", "self", "本人", "contract")
    if number % 3 == 0:
        street = rng.choice(("梧桐路", "望江街", "学府道", "长宁里"))
        place = f"示例省云岭市{street}{rng.randrange(1, 300)}号{rng.randrange(1, 30)}室"
        yield Point("address", place, "self", "本人", "contract")
    if number % 4 == 0:
        kin = rng.choice(("配偶", "母亲", "父亲", "姐姐"))
        yield Point("mobile", f"{MOBILE_PREFIX}{number + 4000}", "other_third_party", kin, "contract", agreed=True)
    if number % 7 == 0:
        yield Point("mobile", f"{MOBILE_PREFIX}{number + 5000}", "other_third_party", "同事", "contract", agreed=False)
    if number % 10 == 3:
        yield Point(
            "mobile", f"{MOBILE_PREFIX}{number + 6000}", "liable_third_party", "担保人", "contract",
            liable_evidence="保证合同（连带责任保证，保证期间三年）",
        )  # fmt: skip
    if number == 22:
        yield Point("mobile", f"{MOBILE_PREFIX}{number + 7000}", None, "未核实", "contract")
