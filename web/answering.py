"""JSON of the API: answers are written quickly, bodies without end refused."""

from __future__ import annotations

from typing import Any

import orjson
from flask.json.provider import DefaultJSONProvider

_ANSWER = {"separators": (",", ":")}
"""How Flask asks for the JSON of an answer."""
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


class QuickAnswers(DefaultJSONProvider):
    """Flask's own, whose answers are written in UTF-8 by ``orjson``; what that refuses Flask writes as ever."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        if kwargs == _ANSWER:
            try:
                return orjson.dumps(obj, default=self.default, option=_OPTIONS).decode()
            except TypeError:
                pass
        return super().dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ``ValueError`` for what is no JSON, and for brackets within brackets without end."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("too many brackets within brackets") from error
