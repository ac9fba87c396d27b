"""Retention, explaining and the keys of personal data, as a shell runs them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

ROOT = Path(__file__).parents[3]
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A command with an instance folder, and so with keys, of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGYAN_DATA")}

    def command(*args: str) -> CompletedProcess[str]:
        environment = kept | {"ZHENGYAN_INSTANCE": str(tmp_path / "instance")}
        return subprocess.run(
            [sys.executable, "run.py", *args], cwd=ROOT, capture_output=True, text=True, encoding="utf-8",
            env=environment,
        )  # fmt: skip

    return command


def test_keys_are_changed_step_by_step(run: Run, tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "委托方,产品,账户号,债务人编号,姓名,身份证号,手机,本金,利息,费用,到期日\n"
        "云杉银行,信用卡,A-1,D-1,方志远,11010519491231002X,13800138000,1000.00,0,0,2026-10-01\n",
        encoding="utf-8",
    )
    assert run("cases", "import", str(cases)).returncode == 0
    database = (tmp_path / "instance" / "zhengyan.db").read_bytes()
    assert b"13800138000" not in database
    assert b"11010519491231002X" not in database
    assert "方志远".encode() not in database
    file = tmp_path / "instance" / "data_keys"
    assert "k2 is first" in run("keys", "rotate", "--new").stdout
    assert run("keys", "rotate").stdout == "3 values sealed again with key k2; not needed any more: k1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text(file.read_text().split(",")[0] + "\n")
    again = run("cases", "import", str(cases))
    assert (again.returncode, "1" in again.stdout) == (0, True)
    assert run("ledger", "verify").returncode == 0


def test_nothing_is_erased_without_saying_so(run: Run) -> None:
    assert run("retention", "list").stdout.splitlines()[-1] == "0 to be erased, 0 held"
    assert run("retention", "erase").returncode == 2
    assert "0 people" in run("retention", "erase", "--yes").stdout


def test_an_outreach_that_is_not_there_cannot_be_explained(run: Run) -> None:
    done = run("ledger", "explain", "nothing")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_a_key_that_is_none_stops_the_start_without_repeating_it() -> None:
    environment = {**os.environ, "ZHENGYAN_DATA_KEYS": "k1=secretsecret"}
    done = subprocess.run(
        [sys.executable, "run.py", "db", "upgrade"], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 2
    assert "ZHENGYAN_DATA_KEYS" in done.stderr
    assert "secretsecret" not in done.stderr


def test_a_verdict_comes_out_the_same(run: Run, tmp_path: Path) -> None:
    script = (
        "from web.config import Config; from web.state import build_state, utc_now, announce\n"
        "from compliance import gate; from compliance.gate.types import Actor, Submission\n"
        "from sqlalchemy import select; from compliance.casebook.models import *\n"
        "state = build_state(Config.from_env(), utc_now); announce(state)\n"
        "with state.db.write() as session:\n"
        "    session.add(Debtor(id=1, ref='D1', name='张三')); session.flush()\n"
        "    session.add(ContactPoint(ref='M1', debtor_id=1, kind='mobile', value='13800138000', relation='self',"
        " source='contract'))\n"
        "gate.submit(state.db, state.judge, Submission('1', 'D1', 'sms', 'M1', '再不还钱就打断你的腿'), Actor('ming'),"
        " utc_now(), keys=state.keys)\n"
    )
    assert run("db", "upgrade").returncode == 0
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGYAN_DATA")}
    environment = kept | {"ZHENGYAN_INSTANCE": str(tmp_path / "instance"), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, env=environment)
    done = run("ledger", "explain", "1")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["same"], said["then"]["decision"], said["again"]["decision"]) == (True, "block", "block")
    assert "13800138000" not in done.stdout
