"""Reading a request: a JSON body or a query through its model, or one sentence naming the field."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from flask_login import current_user
from pydantic import BaseModel, ValidationError
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from compliance.casebook.models import Account, Debtor
from compliance.gate import Condition
from compliance.judge.types import InvalidInput
from compliance.prepared import Query

Model = TypeVar("Model", bound=BaseModel)
# Built once: building them took longer than running them.
_ANY = select(Debtor).where(Debtor.ref == bindparam("ref"))
_OF_COLLECTOR = _ANY.where(
    select(Account.id).where(Account.debtor_id == Debtor.id, Account.collector == bindparam("collector")).exists()
)
_IS_OF_COLLECTOR = Query(_OF_COLLECTOR.with_only_columns(Debtor.id), int)


def body_of(model: type[Model]) -> Model:
    """The JSON body as ``model``.

    Raises:
        InvalidInput: no JSON, or the first field that does not fit.
    """
    try:
        value = request.get_json()
    except (BadRequest, UnsupportedMediaType) as error:
        raise InvalidInput("the body must be JSON, with Content-Type application/json", code="json") from error
    refuse_nul(value)
    return _checked(model, value)


def refuse_nul(value: Any) -> None:
    """Raises ``InvalidInput`` naming the field of a text that holds what PostgreSQL does not store.

    Here, not when it is stored: decisions that come together ask in one statement, which would fail for all of them.
    """
    # Not by recursion: how deep a body goes is for whoever sends it to say.
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, part = waiting.pop()
        if isinstance(part, str) and "\0" in part:
            field = ".".join(path) or None
            raise InvalidInput(f"{field or 'the body'} holds a NUL character", code="nul", field=field)
        if isinstance(part, dict):
            waiting += [((*path, name), inner) for name, inner in part.items()] + [(path, name) for name in part]
        elif isinstance(part, list):
            waiting += [((*path, str(number)), inner) for number, inner in enumerate(part)]


def query_of(model: type[Model]) -> Model:
    """The query string as ``model``; raises as ``body_of`` does."""
    return _checked(model, request.args.to_dict())


def _checked(model: type[Model], value: Any) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        message = f"{field}: {first['msg']}" if field else str(first["msg"])
        raise InvalidInput(message, code=str(first["type"]), field=field) from error


def debtor_for(session: Session, ref: str) -> Debtor:
    """The debtor, if the caller may see them: collectors see their own cases only.

    Raises:
        InvalidInput: there is none, or not for this caller; the two are not told apart.
    """
    query = _OF_COLLECTOR if current_user.role == "collector" else _ANY
    debtor = session.scalar(query, {"ref": ref, "collector": current_user.name})
    if debtor is None:
        raise _not_found()
    return debtor


def visible(ref: str) -> Condition:
    """What ``debtor_for`` looks for, of a collector who calls: that they work one of the debtor's accounts."""
    values = {"ref": ref, "collector": current_user.name}
    return Condition(_IS_OF_COLLECTOR, values, lambda rows: None if rows else _not_found())


def _not_found() -> InvalidInput:
    return InvalidInput("没有这个债务人。", code="not_found", field="debtor")
