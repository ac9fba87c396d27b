"""The forms of the library. Checks live in ``scripts_library.wording``; a form only reads."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from compliance.judge.types import InvalidInput
from scripts_library import Branch, ScriptHead, Wording
from scripts_library.wording import INTENTS, LONGEST, SCRIPT_AUDIENCES, SCRIPT_CHANNELS, SCRIPT_STAGES
from web.labels import choices
from web.library.words import INTENT, ONLY, PRODUCT, STAGE


class WordingForm(FlaskForm):  # type: ignore[misc]
    """What a version may change."""

    needed: tuple[str, ...] = ("say",)
    """Fields that are marked as needed; the check itself is ``wording_faults``."""

    say = TextAreaField(_l("说什么"), render_kw={"rows": 7, "maxlength": LONGEST["say"], "lang": "zh-CN"})
    why = TextAreaField(_l("为什么"), render_kw={"rows": 3, "maxlength": LONGEST["why"]})
    avoid = TextAreaField(_l("不要说"), render_kw={"rows": 3, "maxlength": LONGEST["avoid"]})
    must_say = TextAreaField(_l("必说"), validators=[Length(max=1000)], render_kw={"rows": 3})
    branches = TextAreaField(
        _l("对方怎么答，接着说"),
        validators=[Length(max=3000)],
        render_kw={"rows": 3, "lang": "zh-CN", "spellcheck": "false"},
    )
    article = StringField(_l("条款"), validators=[Length(max=300)], render_kw={"placeholder": "CN-ID-01 CN-REC-12"})
    valid_from = DateField(_l("生效日"), validators=[Optional()])
    valid_until = DateField(_l("失效日"), validators=[Optional()])

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        for name in self.needed:
            self[name].flags.required = True

    def wording(self) -> Wording:
        return Wording(
            say=_plain(self.say.data),
            why=_plain(self.why.data),
            avoid=_plain(self.avoid.data),
            must_say=tuple(line.strip() for line in _plain(self.must_say.data).splitlines() if line.strip()),
            article=tuple((self.article.data or "").replace(",", " ").replace("，", " ").split()),
            branches=_branches(_plain(self.branches.data)),
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


class ScriptForm(WordingForm):
    """A new script: where it stands and whom it is for, and its first wording."""

    needed = ("key", "title", "scene", "say")

    key = StringField(_l("编号"), render_kw={"placeholder": "initial.remind.sms", "autocomplete": "off"})
    title = StringField(_l("标题"))
    stage = SelectField(_l("阶段"), choices=[SelectChoice(code, STAGE[code]) for code in SCRIPT_STAGES])
    scene = StringField(_l("场景"), render_kw={"list": "scenes", "autocomplete": "off"})
    channels = SelectMultipleField(_l("渠道"), choices=choices("channel", SCRIPT_CHANNELS), default=["call"])
    audience = SelectField(_l("对象"), choices=choices("audience", SCRIPT_AUDIENCES))
    products = SelectMultipleField(_l("产品"), choices=[SelectChoice(code, word) for code, word in PRODUCT.items()])
    only = SelectMultipleField(_l("专用"), choices=[SelectChoice(code, word) for code, word in ONLY.items()])
    intent = SelectField(
        _l("意图"), choices=[SelectChoice("", "—"), *(SelectChoice(code, INTENT[code]) for code in INTENTS)]
    )

    def head(self) -> ScriptHead:
        return ScriptHead(
            key=(self.key.data or "").strip(),
            stage=self.stage.data,
            scene=(self.scene.data or "").strip(),
            title=(self.title.data or "").strip(),
            channels=tuple(self.channels.data or ()),
            products=tuple(self.products.data or ()),
            audience=self.audience.data,
            intent=self.intent.data or None,
            only=tuple(self.only.data or ()),
        )


class RemarkForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(_l("意见"))


class ReasonForm(FlaskForm):  # type: ignore[misc]
    reason = StringField(_l("理由"))


def show_fault(form: FlaskForm, fault: InvalidInput) -> None:
    """Put a fault at the field it belongs to, at the words where it belongs to none."""
    field = form[fault.field if fault.field in form else "say"]
    field.errors = [*field.errors, fault.message]


def fields_of(wording: Wording) -> dict[str, str | date | None]:
    """A wording as the values of ``WordingForm``."""
    return {
        "say": wording.say,
        "why": wording.why,
        "avoid": wording.avoid,
        "must_say": "\n".join(wording.must_say),
        "article": " ".join(wording.article),
        "branches": "\n".join(
            f"{INTENT.get(branch.answer, branch.answer)} {branch.key}" for branch in wording.branches
        ),
        "valid_from": wording.valid_from,
        "valid_until": wording.valid_until,
    }


def _branches(text: str) -> tuple[Branch, ...]:
    """A branch a line: an intent, by its code or its word on the screen, and the key of a script."""
    codes = {str(word): code for code, word in INTENT.items()}
    lines = [re.sub(r"→|->|：|:", " ", line).strip() for line in text.splitlines()]
    # A word on the screen may hold blanks, a key never does: what follows the last blank is the key.
    pairs = [line.rpartition(" ") for line in lines if line]
    return tuple(Branch(codes.get(answer.strip(), answer.strip()), key) for answer, _, key in pairs)


def _plain(text: str | None) -> str:
    """Browsers send CRLF."""
    return (text or "").replace("\r\n", "\n")
