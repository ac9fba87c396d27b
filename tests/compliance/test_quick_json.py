"""JSON written quickly is the JSON that the standard library writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import quick_json

texts = st.text(st.characters())  # lone surrogates as well
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_it_is_read_as_what_it_was(value: Any) -> None:
    assert json.loads(quick_json.dumps(value)) == value


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        quick_json.dumps({"set": {1}})
