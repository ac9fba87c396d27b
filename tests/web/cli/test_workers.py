"""Workers that are lost are said to be lost; nobody waits for them."""

from __future__ import annotations

import multiprocessing

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
