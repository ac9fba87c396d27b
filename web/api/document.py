"""The OpenAPI document, made from the routes and the models they declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from web.api.shapes import ErrorAnswer
from web.auth import public

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "/api/v1"
_spec = SpecTree(
    "flask",
    title="正言 Zhengyan",
    version="1",
    annotations=False,
    page_templates={},  # their pages load scripts from other hosts
    security_schemes=[SecurityScheme(name="bearer", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    security={"bearer": []},
)


def documented(
    answer: type[BaseModel] | None = None,
    *,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    status: int = 200,
    errors: tuple[int, ...] = (401, 403, 422),
) -> Callable[[View], View]:
    """Declares what a route takes and answers. Checking is ``reading``'s, whose errors have the one shape."""
    codes: dict[str, Any] = {f"HTTP_{code}": ErrorAnswer for code in errors}
    response = Response(**{f"HTTP_{status}": answer}, **codes)
    mark: Callable[[View], View] = _spec.validate(json=body, query=query, resp=response, skip_validation=True)
    return mark


def openapi() -> dict[str, Any]:
    """The document; needs an application context."""
    whole = _spec.spec
    return {**whole, "paths": {path: item for path, item in whole["paths"].items() if path.startswith(PREFIX)}}


@public
def openapi_json() -> ResponseReturnValue:
    """This document."""
    return jsonify(openapi())
