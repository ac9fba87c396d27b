"""The forms of plans. What a plan must say is the pack's, checked by ``rights.plan_faults``; a form only reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from compliance.casebook.models import Account
from compliance.judge.contact.planning import KINDS, PlanTerms
from compliance.rights.plans import CARDS, CURRENCY, MOVES
from web.labels import choices

_YES_NO = [SelectChoice("no", _l("不计收")), SelectChoice("yes", _l("计收"))]


class PlanForm(FlaskForm):  # type: ignore[misc]
    """The six contents of a plan. The balance is that of the account and comes filled in."""

    request_ref = HiddenField(validators=[Optional(), Length(max=64)])
    kind = SelectField(_l("分期种类"), choices=choices("plan_kind", KINDS))
    principal = DecimalField(_l("本金"), places=2, validators=[Optional()])
    interest = DecimalField(_l("利息"), places=2, validators=[Optional()])
    fees = DecimalField(_l("费用"), places=2, validators=[Optional()])
    currency = StringField(_l("币种"), validators=[Length(max=3)])
    instalments = IntegerField(_l("期数"), validators=[Optional()])
    cycle_months = IntegerField(_l("每期几个月"), validators=[Optional()])
    first_due = DateField(_l("首期还款日"), validators=[Optional()])
    amount = DecimalField(_l("每期金额"), places=2, validators=[Optional()])
    last_amount = DecimalField(_l("末期金额（不同时填写）"), places=2, validators=[Optional()])
    method = StringField(
        _l("还款方式"), validators=[Length(max=500)], render_kw={"placeholder": _l("例如绑定的本人账户自动扣款")}
    )
    charged = RadioField(_l("还款期间是否计收年费、利息和其他费用"), choices=_YES_NO, validators=[Optional()])
    charges = StringField(_l("计收的项目和标准"), validators=[Length(max=1000)])
    no_new_card = BooleanField(_l("债务人承诺：协议款项全部还清之前，不向任何银行申领信用卡"))
    duties = TextAreaField(_l("双方的权利义务和违约责任"), validators=[Length(max=5000)], render_kw={"rows": 4})
    other = TextAreaField(
        _l("与还款有关的其他事项"), validators=[Length(max=5000)],
        render_kw={"rows": 2, "placeholder": _l("没有的写“无”")},
    )  # fmt: skip

    def terms(self) -> PlanTerms:
        """The form as a plan; what is not filled in is not said."""
        said: dict[str, Any] = {name: self[name].data for name in PlanTerms.__dataclass_fields__}
        said["charged"] = {"yes": True, "no": False}.get(self.charged.data)
        words = ("currency", "method", "charges", "duties", "other")
        said |= {name: (said[name] or "").strip() or None for name in words}
        return PlanTerms(**said)

    def show(self, faults: list[tuple[str, str]]) -> None:
        """Each fault at its field."""
        for name, why in faults:
            self[name].errors = [*self[name].errors, why]


class AgreeForm(FlaskForm):  # type: ignore[misc]
    """What shows that both sides agreed."""

    evidence = TextAreaField(
        _l("凭据"), validators=[DataRequired(_l("请写明证据：哪次通话、哪段原话或哪份文件。")), Length(max=2000)],
        render_kw={"rows": 2, "placeholder": _l("双方签字的协议编号，或录音中的原话")},
    )  # fmt: skip
    recording = StringField(_l("录音编号（口头达成的）"), validators=[Optional(), Length(max=100)])


class MoveForm(FlaskForm):  # type: ignore[misc]
    """What became of a plan; only the states that can follow are offered."""

    to = RadioField(_l("登记为"), choices=[], validate_choice=False, validators=[DataRequired(_l("必填"))])
    reason = StringField(
        _l("依据"), validators=[DataRequired(_l("请写明依据：哪一期、哪份记录或哪次通话。")), Length(max=1000)]
    )

    def offer(self, state: str, *, own: bool) -> None:
        """What may follow ``state``; of one's own proposal only that it is taken back."""
        after = tuple(to for to in MOVES[state] if to != "agreed" and (not own or state == "proposed"))
        self.to.choices = choices("plan_move", after) if after else []


def blank(account: Account, request_ref: str | None) -> PlanForm:
    """The form as it is first shown: the balance of the account, and what is usual."""
    sums: dict[str, Decimal] = {name: getattr(account, name) for name in ("principal", "interest", "fees")}
    kind = "individual" if account.product in CARDS else "other"
    return PlanForm(None, request_ref=request_ref, kind=kind, currency=CURRENCY, cycle_months=1, **sums)
