"""The columns of an import file, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.judge.types import InvalidInput

HEADS = {
    "creditor": "委托方",
    "agency": "机构",
    "product": "产品",
    "account_no": "账户号",
    "debtor_ref": "债务人编号",
    "name": "姓名",
    "id_number": "身份证号",
    "mobile": "手机",
    "email": "邮箱",
    "address": "地址",
    "principal": "本金",
    "interest": "利息",
    "fees": "费用",
    "due_date": "到期日",
    "contract_date": "签约日",
    "collector": "催收员",
    "outsourcing_notice_at": "委外告知日",
}
REQUIRED = ("creditor", "product", "account_no", "debtor_ref", "name", "principal", "due_date")
"""Columns that must be there, and cells that must not be empty."""
_FIELD_OF = {head: head for head in HEADS} | {chinese: head for head, chinese in HEADS.items()}


def read_heads(cells: Sequence[str]) -> tuple[list[str | None], tuple[str, ...]]:
    """The field of each column (``None`` where it is not known), and the heads that are not known.

    Raises:
        InvalidInput: a required column is missing, or one comes twice.
    """
    names = [cell.strip().lstrip("\ufeff") for cell in cells]
    fields = [_FIELD_OF.get(name.lower()) for name in names]
    known = [field for field in fields if field]
    if not known:
        raise InvalidInput(
            f"第一行没有认得的列名；应为英文或中文列名，以逗号分隔，例如：{_label(REQUIRED)}。",
            code="no_heads",
        )
    twice = sorted({field for field in known if known.count(field) > 1})
    if twice:
        raise InvalidInput(f"列名重复：{_label(twice)}；请只保留一列。", code="head_twice", field=twice[0])
    missing = [field for field in REQUIRED if field not in known]
    if missing:
        raise InvalidInput(f"缺少列：{_label(missing)}；请补上。", code="head_missing", field=missing[0])
    unknown = tuple(name for name, field in zip(names, fields, strict=True) if name and field is None)
    return fields, unknown


def _label(fields: Sequence[str]) -> str:
    return "、".join(f"{HEADS[field]} {field}" for field in fields)
