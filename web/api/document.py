"""The OpenAPI document, made from the routes and the models they declare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from spectree.plugins.flask_plugin import FlaskPlugin

from web.api.shapes import ErrorAnswer
from web.auth import public

View = TypeVar("View", bound=Callable[..., Any])
PREFIX = "/api/v1"
CHECKS = 11
"""Arguments that tell spectree what to check, before those of the view."""


class Described(FlaskPlugin):
    """Describes the views and leaves their answers alone; spectree's own takes each one apart and makes it anew."""

    def validate(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The view's own answer."""
        return func(*args[CHECKS:], **kwargs)


_spec = SpecTree(
    "flask",
    backend=Described,
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
