"""What a thing is called on the screens is what it is called everywhere."""

from __future__ import annotations

import pytest
from flask import Flask

from compliance.judge.reader import NAMES
from web.labels import label


@pytest.mark.parametrize("category", NAMES)
def test_a_category_has_one_name(app: Flask, category: str) -> None:
    with app.test_request_context("/"):
        assert label("category", category) == NAMES[category]
