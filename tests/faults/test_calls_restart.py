"""A server is killed in the middle of a call and started again: the call goes on where it was.

Real processes of ``serve``; the telephone system posts turns late, twice and in another order, as it may after such a
thing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.calls import ask, free_port, wait_for
from tests.web.api.call_line import Line
from web.state import State

ROOT = Path(__file__).parents[2]
TURNS = (
    (1, "collector", "您好，我是华夏银行信用卡中心的客户经理，工号3107，这通电话会录音。请问是张伟先生本人吗？"),
    (2, "debtor", "对，我是，什么事啊"),
    (3, "collector", "您的信用卡到今天一共欠款8380.5元，对明细有异议可以打卡背面的客服电话反映。"),
    (4, "debtor", "我失业了，能不能给我分几期"),
    (5, "collector", "可以申请，再不还就去你单位找你领导。"),
    (6, "debtor", "你这什么态度，我要投诉你们"),
)
SHOWN = ("turns", "alerts", "intents", "checklist", "rights", "suggestions", "pause")


@contextmanager
def running(edge: State, port: int) -> Iterator[None]:
    """A process of ``serve`` on the database of the tests, killed in the end without a warning."""
    env = {
        **os.environ, "ZHENGYAN_DATABASE_URL": edge.config.database_url, "ZHENGYAN_INSTANCE": str(edge.config.instance),
        "ZHENGYAN_SECRET_KEY": edge.config.secret_key, "ZHENGYAN_PORT": str(port),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "run.py", "serve"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)


class Telephone:
    """Posts turns of one call to whatever listens on the port."""

    def __init__(self, port: int, line: Line) -> None:
        self.port, self.token, self.ref = port, line.token, line.ref

    def say(self, *numbers: int, final: bool = True) -> None:
        for number in numbers:
            seq, speaker, text = TURNS[number - 1]
            body = {"seq": seq, "speaker": speaker, "text": text, "at": f"2026-11-18T10:30:{seq:02}+08:00"}
            status, answer = self._ask("POST", "/turns", body | {"final": final})
            assert status == 200, answer

    def state(self) -> dict[str, Any]:
        _status, found = self._ask("GET", "")
        return {name: found[name] for name in SHOWN}

    def _ask(self, verb: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        return ask(self.port, self.token, verb, f"/api/v1/calls/{self.ref}{path}", body)


@pytest.fixture
def telephone(line: Any) -> Telephone:
    wang = line("wang")
    wang.open(direction="in")
    return Telephone(free_port(), wang)


def test_a_killed_server_has_forgotten_nothing(edge: State, telephone: Telephone) -> None:
    with running(edge, telephone.port):
        telephone.say(1, 2, 3, 4, 5)
        before = telephone.state()
    with running(edge, telephone.port):
        assert telephone.state() == before


def test_turns_that_come_late_doubled_and_reordered_around_a_restart_give_the_same_state(
    line: Any, edge: State, telephone: Telephone
) -> None:
    with running(edge, telephone.port):
        telephone.say(1, 4, 2)
        telephone.say(5, final=False)
    with running(edge, telephone.port):
        telephone.say(4, 2, 6, 5, 3, 6)
        played = telephone.state()
        other = line("wang")
        other.open(direction="in")
        straight = Telephone(telephone.port, other)
        straight.say(1, 2, 3, 4, 5, 6)
        assert played == straight.state()
