"""What an officer sends in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField
from wtforms.validators import AnyOf, Length

ACTS = ("release", "return", "refuse", "note", "save")
_WORD = re.compile(r"decision-([0-9]{1,4})")


class DecisionForm(FlaskForm):  # type: ignore[misc]
    act = StringField(validators=[AnyOf(ACTS)])
    reason = TextAreaField(_l("理由"), validators=[Length(max=1000)])


class PageForm(FlaskForm):  # type: ignore[misc]
    """A button that carries nothing but its token."""


@dataclass(frozen=True, slots=True)
class Word:
    """The officer's word on the finding of one index."""

    finding: int
    decision: str
    reason: str


def words(form: MultiDict[str, str]) -> list[Word]:
    """``decision-0=violation&reason-0=…`` for each finding that was decided."""
    found = [(match, value) for name, value in form.items() if (match := _WORD.fullmatch(name)) and value]
    return [Word(int(match.group(1)), value, form.get(f"reason-{match.group(1)}", "")) for match, value in found]
