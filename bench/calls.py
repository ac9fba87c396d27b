"""Live calls: from posting a turn to the event that shows it, on one real server with every call followed.

A server of its own, on a demo database in a temporary folder, started as anybody would. Turns of recorded calls are
posted at a steady rate, each call in order; one thread for each call reads its stream.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "compliance/corpus/conversations-dev-zh.jsonl"
TARGET_MS = 300.0
"""Target for the 99th percentile."""
START_SECONDS = 120.0
COLLECTOR = "wang"
DEBTORS = tuple(f"D{number:04}" for number in (1, 3, 5, 6, 8, 10, 11, 13, 16, 18, 20, 21, 23, 25, 28, 30, 33, 35))
"""Of the demo's debtors some that are that collector's."""


@dataclass(frozen=True, slots=True)
class Effort:
    """``per_second`` is the rate over all calls: twenty calls with a turn every four seconds give five."""

    calls: int = 20
    turns: int = 500
    per_second: float = 8.0


QUICK = Effort(calls=3, turns=12, per_second=4.0)


@dataclass
class Followed:
    """One call and when each of its turns was posted, answered and seen, in seconds."""

    ref: str
    posted: dict[int, float] = field(default_factory=dict)
    posted_at: dict[int, float] = field(default_factory=dict)
    """The same by the clock on the wall, which a browser on this machine shares."""
    answered: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def run(effort: Effort) -> Iterator[str]:
    """Plays the calls, and tells the latencies in milliseconds."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (port, token):
        calls = opened_calls(port, token, effort)
        readers = [threading.Thread(target=_follow, args=(port, token, call), daemon=True) for call in calls]
        for reader in readers:
            reader.start()
        time.sleep(1)
        play(port, token, calls, effort)
        _wait(calls)
    yield f"{effort.calls} calls open on one process, {effort.turns} turns, {effort.per_second:g} a second"
    yield f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    answered = sorted(call.answered[seq] - call.posted[seq] for call in calls for seq in call.posted)
    seen = sorted(call.seen[seq] - call.posted[seq] for call in calls for seq in call.posted)
    yield f"POST to answer  p50 {percentile(answered, 50):6.1f} ms  p99 {percentile(answered, 99):6.1f} ms"
    p50, p99 = percentile(seen, 50), percentile(seen, 99)
    met = "met" if p99 < TARGET_MS else "MISSED"
    yield f"POST to event   p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  (< {TARGET_MS:g}: {met})"


def percentile(sorted_seconds: list[float], percent: int) -> float:
    """In milliseconds."""
    return sorted_seconds[min(len(sorted_seconds) * percent // 100, len(sorted_seconds) - 1)] * 1e3


def opened_calls(port: int, token: str, effort: Effort) -> list[Followed]:
    """The calls of an effort, each with a debtor of the collector while there are some."""
    return [open_for(port, token, DEBTORS[number % len(DEBTORS)]) for number in range(effort.calls)]


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, str]]:
    """A server with demo data, and a collector's token."""
    port = free_port()
    env = {**os.environ, "ZHENGYAN_INSTANCE": str(folder), "ZHENGYAN_PORT": str(port)}
    env.pop("ZHENGYAN_DATABASE_URL", None)
    command = [sys.executable, "run.py"]
    process = subprocess.Popen([*command, "serve", "--demo"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        issued = subprocess.run(
            [*command, "token", "issue", COLLECTOR], cwd=ROOT, env=env, check=True, capture_output=True, text=True
        )
        yield port, issued.stdout.strip()
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers. Raises ``RuntimeError`` where it does not in ``START_SECONDS``."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ask(port, "", "GET", "/api/v1/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def open_for(port: int, token: str, debtor: str) -> Followed:
    """A call of a debtor of the demo who rings."""
    body = {"debtor": debtor, "contact_point": f"{debtor}-P1", "direction": "in"}
    status, answer = ask(port, token, "POST", "/api/v1/calls", body)
    if status != 201:
        raise RuntimeError(f"no call was opened: {status} {answer}")
    return Followed(answer["id"])


def play(port: int, token: str, calls: list[Followed], effort: Effort) -> None:
    """Each turn at its time, whatever became of the one before; a call's turns are posted in order.

    Raises ``RuntimeError`` where the server did not take them all.
    """
    recorded = [json.loads(line)["turns"] for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    begun, sent = time.perf_counter(), []
    for number in range(effort.turns):
        call, seq = calls[number % len(calls)], number // len(calls) + 1
        turns = recorded[number % len(calls) % len(recorded)]
        turn = turns[(seq - 1) % len(turns)]
        time.sleep(max(0.0, begun + number / effort.per_second - time.perf_counter()))
        body = {"seq": seq, "speaker": turn["speaker"], "text": turn["text"]}
        sent.append(threading.Thread(target=_post, args=(port, token, call, body)))
        sent[-1].start()
    for one in sent:
        one.join()
    failed = [why for call in calls for why in call.failed]
    if failed:
        raise RuntimeError(f"{len(failed)} of {effort.turns} turns were not answered; the first: {failed[0]}")


def _post(port: int, token: str, call: Followed, body: dict[str, object]) -> None:
    seq = int(str(body["seq"]))
    call.posted_at[seq], call.posted[seq] = time.time(), time.perf_counter()
    try:
        status, answer = ask(port, token, "POST", f"/api/v1/calls/{call.ref}/turns", body)
    except OSError as error:  # told in the end, with the others that were not answered
        status, answer = 0, {"error": str(error)}
    call.answered[seq] = time.perf_counter()
    if status != 200:
        call.failed.append(f"turn {seq}: {status} {answer}")


def _follow(port: int, token: str, call: Followed) -> None:
    """Reads the stream, and takes it up again where one answer of it ends."""
    last = "0"
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": last}
        try:
            connection.request("GET", f"/api/v1/calls/{call.ref}/events", headers=headers)
            answer = connection.getresponse()
            for raw in answer:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "id":
                    last = value
                elif name == "data":
                    now = time.perf_counter()
                    for turn in json.loads(value).get("turns", ()):
                        call.seen.setdefault(turn["seq"], now)
        except OSError:
            return  # the server has gone: the measurement is over
        finally:
            connection.close()


def _wait(calls: list[Followed]) -> None:
    deadline = time.monotonic() + 10
    while any(call.posted.keys() - call.seen.keys() for call in calls):
        if time.monotonic() > deadline:
            raise RuntimeError("some turns were never seen in the stream")
        time.sleep(0.05)


def ask(port: int, token: str, verb: str, path: str, body: object = None) -> tuple[int, dict[str, str]]:
    """Status and JSON of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        connection.request(verb, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()
