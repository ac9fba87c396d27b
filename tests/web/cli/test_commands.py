"""The commands as a shell runs them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from scripts_library import load_seeds

ROOT = Path(__file__).parents[3]
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run("screen", "-", stdin=…)`` with an instance folder of its own."""
    environment = {**os.environ, "ZHENGYAN_INSTANCE": str(tmp_path / "instance")}

    def command(*args: str, stdin: str | bytes = "", **settings: str) -> CompletedProcess[str]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "run.py", *args], cwd=ROOT, input=raw, capture_output=True, env=environment | settings
        )
        return CompletedProcess(args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return command


def test_help_lists_every_command(run: Run) -> None:
    names = (
        "serve",
        "screen",
        "evaluate",
        "packs",
        "cases",
        "user",
        "token",
        "dispatch",
        "ledger",
        "db",
        "backup",
        "scripts",
    )
    text = run("--help").stdout
    assert [name for name in names if f"\n  {name} " not in text] == []


def test_screen_answers_each_row_in_order_and_goes_on_after_a_bad_one(run: Run) -> None:
    rows = ['{"id": "a", "text": "再不还钱就打断你的腿"}', "nonsense", '{"id": "c"}', '{"id": "d", "text": "您好"}']
    done = run("screen", "-", stdin="\n".join(rows))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert [answer.get("decision") for answer in answers] == ["block", None, None, "allow"]
    assert [answer["id"] for answer in answers] == ["a", 2, "c", "d"]
    assert "line 2" in answers[1]["error"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_screen_reads_csv_in_the_encodings_of_the_field(run: Run, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id,text,channel,audience\n1,再不还钱就打断你的腿,sms,debtor\n", encoding=encoding)
    assert json.loads(run("screen", str(file)).stdout)["decision"] == "block"


def test_screen_names_another_encoding(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes("id,text\n1,您好\n".encode("utf-16"))
    done = run("screen", str(file))
    assert done.returncode == 2
    assert "rows.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_screen_reads_xlsx_and_parquet(run: Run, tmp_path: Path) -> None:
    import pyarrow
    from openpyxl import Workbook
    from pyarrow import parquet

    book = Workbook()
    assert book.active is not None
    book.active.append(["id", "text", "channel"])
    book.active.append(["x", "再不还钱就打断你的腿", "sms"])
    book.save(tmp_path / "rows.xlsx")
    parquet.write_table(pyarrow.table({"id": ["x"], "text": ["再不还钱就打断你的腿"]}), tmp_path / "rows.parquet")
    answers = [json.loads(run("screen", str(tmp_path / f"rows.{kind}")).stdout) for kind in ("xlsx", "parquet")]
    assert [answer["decision"] for answer in answers] == ["block", "block"]


def test_workers_give_the_same_answers(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    texts = ["再不还钱就打断你的腿", "您好", "您的账单已逾期3天"] * 400
    file.write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts)))
    assert run("screen", str(file), "--workers", "2").stdout == run("screen", str(file)).stdout


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("screen", "missing.jsonl"), "missing.jsonl"),
        (("screen", "-", "--pack", "mars"), "mars"),
        (("screen", "-", "--pack", "mars", "--workers", "2"), "mars"),
        (("cases", "import", "missing.csv"), "missing.csv"),
        (("token", "issue", "nobody"), "nobody"),
    ],
)
def test_bad_input_is_one_sentence(run: Run, args: tuple[str, ...], word: str) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_setting_stops_with_its_name(run: Run) -> None:
    done = run("db", "upgrade", ZHENGYAN_PORT="http")
    assert done.returncode == 2
    assert "ZHENGYAN_PORT" in done.stderr


def test_a_user_is_given_a_staff_number_and_another(run: Run) -> None:
    words = ("user", "add", "qian", "--role", "collector", "--staff-no", "3107", "--password-stdin")
    assert run(*words, stdin="long enough\n").stdout.strip() == "qian (collector), 3107"
    assert run("user", "number", "qian", "3200").stdout.strip() == "qian: 3200"
    refused = run("user", "number", "qian", "三二")
    assert (refused.returncode, "工号" in refused.stderr) == (2, True)


def test_a_user_gets_a_token_once(run: Run) -> None:
    assert run("user", "add", "qian", "--role", "officer", "--password-stdin", stdin="long enough\n").returncode == 0
    again = run("user", "add", "qian", "--role", "officer", "--password-stdin", stdin="long enough\n")
    token = run("token", "issue", "qian").stdout.strip()
    assert again.returncode == 2
    assert token and "\n" not in token


def test_the_ledger_is_verified_exported_and_the_database_copied(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade").returncode == 0
    assert run("ledger", "verify").returncode == 0
    assert run("ledger", "export", str(tmp_path / "ledger.jsonl")).returncode == 0
    assert run("backup", str(tmp_path / "copy.db")).returncode == 0
    assert (tmp_path / "copy.db").stat().st_size > 0
    assert not list(tmp_path.glob("*.part"))


def test_where_nothing_can_be_written_is_said_in_a_sentence(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade").returncode == 0
    missing = tmp_path / "missing"
    for args in (("backup", "a.db"), ("ledger", "export", "a.jsonl"), ("scripts", "export", "a.xlsx")):
        done = run(*args[:-1], str(missing / args[-1]))
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert str(missing / args[-1]) in done.stderr
    assert not missing.exists()


def test_cases_are_imported_and_refused_rows_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(
        "委托方,产品,账户号,债务人编号,姓名,手机,本金,利息,费用,到期日\n"
        "云杉银行,信用卡,A-1,D-1,方志远,13800138000,1000.00,0,0,2026-10-01\n"
        "云杉银行,信用卡,A-2,D-2,林德福,12,1000.00,0,0,2026-10-01\n",
        encoding="gbk",
    )
    dry = run("cases", "import", str(file), "--dry-run")
    done = run("cases", "import", str(file))
    assert (dry.returncode, done.returncode) == (3, 3)
    assert "3" in done.stdout


def test_a_bundle_is_exported_and_checked_by_the_verifier_in_it(run: Run, tmp_path: Path) -> None:
    assert run("user", "add", "qian", "--role", "officer", "--password-stdin", stdin="long enough\n").returncode == 0
    bundle, key = tmp_path / "bundle.zip", run("ledger", "key").stdout.strip()
    assert run("ledger", "export", str(bundle)).returncode == 0
    (tmp_path / "kept.json").write_text(run("ledger", "sign").stdout)
    with zipfile.ZipFile(bundle) as archive:
        archive.extract("verify.py", tmp_path)
    script = [sys.executable, "-I", "-S", tmp_path / "verify.py", bundle, "--key", key]
    assert subprocess.run([*script, "--head", tmp_path / "kept.json"]).returncode == 0
    key_file = tmp_path / "instance" / "ledger_key"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key_file.unlink()
    other = run("ledger", "key").stdout.strip()
    assert subprocess.run([*script[:-1], other]).returncode == 1


def test_an_empty_library_needs_no_judging(run: Run) -> None:
    done = run("scripts", "check", "--all")
    assert (done.returncode, done.stdout) == (0, "")


def add_trainer(run: Run) -> None:
    added = run("user", "add", "lin", "--role", "trainer", "--password-stdin", stdin="correct horse battery")
    assert added.returncode == 0


def test_shipped_scripts_are_submitted_once(run: Run) -> None:
    add_trainer(run)
    listed, done, again = (run("scripts", "seed", "--author", "lin", *more) for more in (["--dry-run"], [], []))
    assert listed.stdout.splitlines()[-1] == f"{len(load_seeds())} scripts are missing"
    assert done.stdout == f"{len(load_seeds())} scripts wait for another trainer\n"
    assert (again.returncode, again.stdout) == (0, "0 scripts wait for another trainer\n")


@pytest.mark.parametrize("name", ["lin", "wang"])
def test_only_a_trainer_stands_for_words(run: Run, tmp_path: Path, name: str) -> None:
    file = tmp_path / "a.md"
    file.write_text("", encoding="utf-8")
    run("user", "add", "wang", "--role", "collector", "--password-stdin", stdin="correct horse battery")
    for args in (["seed"], ["import", str(file)]):
        done = run("scripts", *args, "--author", name)
        assert (done.returncode, f"{name}: no trainer of this name may log in" in done.stderr) == (2, True)


def test_scripts_are_imported_and_exported(run: Run, tmp_path: Path) -> None:
    add_trainer(run)
    file, copy = tmp_path / "a.md", tmp_path / "b.md"
    text = "## late.a.b\n- 阶段：late\n- 场景：诉前告知\n- 标题：二\n### 说什么\n您好，请问您方便接听吗？\n"
    file.write_text(f"{text}## late.a.c\n- 阶段：early\n", encoding="utf-8")
    done = run("scripts", "import", str(file), "--author", "lin")
    assert (done.returncode, "a.md 第 7 行“阶段”" in done.stdout) == (3, True)
    assert run("scripts", "export", str(copy)).returncode == 0
    assert "您好，请问您方便接听吗？" in copy.read_text(encoding="utf-8")


def test_a_month_of_the_ledger_is_begun(run: Run, database_url: str) -> None:
    where = {"ZHENGYAN_DATABASE_URL": database_url}
    assert (
        run(
            "user", "add", "wang", "--role", "collector", "--password-stdin", stdin="correct horse battery", **where
        ).returncode
        == 0
    )
    first, again = (run("ledger", "month", **where) for _ in range(2))
    assert (first.returncode, again.returncode) == (0, 0)
    if database_url.startswith("sqlite"):
        assert "one table" in first.stdout
    else:
        assert "entries from 2 on go to ledger_entries_2" in first.stdout
        assert "nothing to begin" in again.stdout
    assert run("ledger", "verify", **where).returncode == 0
