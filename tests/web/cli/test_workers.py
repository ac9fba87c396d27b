"""Screening by several processes. Workers that are lost are said to be lost; nobody waits for them."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import click
import pytest

from web.cli import judging
from web.cli.workers import AHEAD, LostWorker, hand_out

ROOT = Path(__file__).parents[3]
MUCH = 2**23
DAWDLING = {0, 30, 99}
FORSAKING = """
import os, time
from itertools import count
from web.cli.workers import hand_out
with hand_out(lambda _: (os.getpid(), bytes(2**23)), 2) as answer_all:
    answers = answer_all(count())
    print(*{next(answers)[0] for _ in range(2)}, flush=True)
    time.sleep(60)
"""


def _say_much(_: int) -> bytes:
    return bytes(MUCH)


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


def _dawdle_over_some(number: int) -> int:
    time.sleep(0.3 if number in DAWDLING else 0)
    return number


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_piece_is_answered_in_order_though_one_takes_longer_than_all_behind_it(workers: int) -> None:
    with hand_out(_dawdle_over_some, workers) as answer_all:
        assert list(answer_all(range(100))) == list(range(100))


def test_nothing_to_do_is_done() -> None:
    with hand_out(_dawdle_over_some, 2) as answer_all:
        assert list(answer_all([])) == []


def test_a_worker_that_is_lost_halfway_through_an_answer_is_not_waited_for() -> None:
    with pytest.raises(LostWorker), hand_out(_say_much, 2) as answer_all:
        answers = answer_all(count())
        assert len(next(answers)) == MUCH  # the next answers do not fit into the lines: both are being said
        for worker in multiprocessing.active_children():
            worker.kill()
        list(answers)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_do_not_outlive_the_process_that_they_answer() -> None:
    with subprocess.Popen([sys.executable, "-c", FORSAKING], cwd=ROOT, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        workers = [Path("/proc") / number.decode() for number in asking.stdout.readline().split()]
        assert all(worker.exists() for worker in workers)
        asking.kill()
    for _ in range(100):
        if not any(worker.exists() for worker in workers):
            return
        time.sleep(0.1)
    pytest.fail("a worker is still there")


def test_input_without_end_is_answered_in_order_as_it_comes() -> None:
    number = 0

    def chunks() -> Iterator[judging.Chunk]:
        nonlocal number
        for number in count():
            yield [(number, {"id": number, "text": "您的账单已逾期3天"})]

    with judging._screener("cn", 2) as screen_all:
        answers = screen_all(chunks())
        assert [json.loads(next(answers)[0])["id"] for _ in range(3)] == [0, 1, 2]
    assert number < 3 * AHEAD


def test_a_line_that_cannot_be_read_is_named_by_whoever_reads_it() -> None:
    lines = ['{"id": "a", "text": "您的账单已逾期3天"}', "{", '"no object"', '\ufeff{"id": "d", "text": "您好"}']
    chunk: judging.Chunk = [(number, line.encode()) for number, line in enumerate(lines, 1)]
    with judging._screener("cn", 2) as screen_all:
        ((answers, not_usable),) = screen_all(iter([chunk]))
    rows = [json.loads(answer) for answer in answers.splitlines()]
    assert not_usable == 2
    assert [row["id"] for row in rows] == ["a", 2, 3, "d"]
    assert [row["error"].split(":")[0] for row in rows if "error" in row] == ["line 2", "line 3"]


@pytest.mark.parametrize("workers", [1, 2])
def test_half_a_character_in_an_id_does_not_end_the_reading(workers: int) -> None:
    lines = [b'{"id": "\\ud800", "text": "\xe6\x82\xa8\xe5\xa5\xbd"}', b'{"id": "b", "text": "x"}']
    with judging._screener("cn", workers) as screen_all:
        ((answers, not_usable),) = screen_all(iter([list(enumerate(lines, 1))]))

    assert [json.loads(line)["id"] for line in answers.splitlines()] == ["\ud800", "b"]
    assert not_usable == 0


def test_whoever_only_hands_out_rows_does_not_load_what_judges() -> None:
    heavy = "{'numpy', 'hyperscan', 'spacy', 'flask', 'sqlalchemy'}"
    code = f"import sys, web.cli.judging; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_the_judge_hands_out_what_it_names_and_nothing_else() -> None:
    from compliance import judge

    assert {name: getattr(judge, name).__name__ for name in judge.__all__} == {name: name for name in judge.__all__}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = judge.nothing
