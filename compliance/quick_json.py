"""JSON of plain values, written by a library that takes a tenth of the time of the standard one.

What it refuses, such as lone surrogates and numbers beyond 64 bits, the standard one writes as ever.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def dumps(value: Any) -> str:
    """JSON without blanks. Raises ``TypeError`` for what is none."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)
