"""A citation on a screen."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import PageClient


def test_the_collector_reads_it(login: Callable[[str], PageClient], cases: dict[str, int]) -> None:
    form = {"client_id": "c-1", "point": "M-wang", "channel": "sms", "text": "再不还钱就把你欠钱的事发到朋友圈"}
    wang = login("wang")
    page = wang.get(wang.submit(f"/cases/{cases['wang']}/send", form).headers["Location"]).text
    assert "《民法典》第1024、1032条；《个保法》第25条" in page
