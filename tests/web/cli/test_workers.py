"""Screening by several processes. Workers that are lost are said to be lost; nobody waits for them."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from itertools import count

import click
import pytest

from web.cli import judging


def test_a_worker_that_is_killed_ends_the_command_with_a_sentence() -> None:
    chunks: list[judging.Chunk] = [[(number, {"text": "您的账单已逾期3天"}) for number in range(judging.CHUNK)]] * 40
    with (
        pytest.raises(click.ClickException, match="fewer --workers"),
        judging._screener("cn", 2) as screen_all,
    ):
        answers = screen_all(iter(chunks))
        assert next(answers)[1] == 0
        for worker in multiprocessing.active_children():
            worker.kill()
        list(answers)


def test_input_without_end_is_answered_in_order_as_it_comes() -> None:
    number = 0

    def chunks() -> Iterator[judging.Chunk]:
        nonlocal number
        for number in count():
            yield [(number, {"id": number, "text": "您的账单已逾期3天"})]

    with judging._screener("cn", 2) as screen_all:
        answers = screen_all(chunks())
        assert [json.loads(next(answers)[0])["id"] for _ in range(3)] == [0, 1, 2]
    assert number < 3 * judging.AHEAD
