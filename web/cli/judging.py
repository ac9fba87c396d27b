"""Screening, evaluating, testing packs and training, from the command line."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from compliance import quick_json
from compliance.judge.types import InvalidInput
from web.cli.rows import RawRow, parse_rows, read_raw_rows, read_rows

if TYPE_CHECKING:
    from compliance.judge import Judge

CORPUS = Path(__file__).parents[2] / "compliance" / "corpus"
DOCS = Path(__file__).parents[2] / "docs"
CHUNK = 1000
"""Rows handed to a worker at a time: few enough that none waits long for the last of another."""
AT_ONCE = 100
"""Rows that are answered at a time where there is one worker: whoever feeds a pipe sees answers soon."""
BAD_ROWS = 3
"""Exit status when some row could not be used."""


@click.command()
@click.argument("source", metavar="INPUT")
@click.option("-o", "--out", default="-", help="Where the JSON lines go; standard output where absent.")
@click.option("--pack", default="cn", show_default=True)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256))
def screen(source: str, out: str, pack: str, workers: int) -> None:
    """Judge every row of INPUT (JSONL, CSV, XLSX, Parquet; - is JSONL on stdin); one JSON line a row, in order."""
    rows = read_raw_rows(source)
    bad = 0
    with _screener(pack, workers) as screen_all, open_output(out) as file:
        for lines, not_usable in screen_all(_chunks(rows, AT_ONCE if workers == 1 else CHUNK)):
            file.write(lines)
            bad += not_usable
    if bad:
        click.echo(f"rows that could not be used: {bad}", err=True)
        raise SystemExit(BAD_ROWS)


@contextmanager
def open_output(out: str) -> Iterator[BinaryIO]:
    """The file to write to, or standard output for ``-``. Raises ``InvalidInput`` where it cannot be written."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    try:
        file = Path(out).open("wb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written: {error.strerror}", code="output", field="--out") from error
    with file:
        yield file


def json_line(answer: Any) -> bytes:
    """A line of the output. Half a character, as an id may hold, is written as its number."""
    return quick_json.dumps(answer).encode() + b"\n"


Chunk = list[tuple[int, RawRow]]
Answers = tuple[bytes, int]
"""The JSON lines of a chunk, and how many of its rows could not be used."""


@contextmanager
def _screener(pack: str, workers: int) -> Iterator[Callable[[Iterable[Chunk]], Iterator[Answers]]]:
    """What screens chunks, in order. A pack that does not load is named here, before any output."""
    screen_one = partial(_screen_chunk, pack)
    with _made_to_stay():
        _load(pack)
    if workers == 1:
        yield partial(map, screen_one)
        return
    from web.cli.workers import LostWorker, hand_out

    try:
        with hand_out(screen_one, workers) as screen_all:
            yield screen_all
    except LostWorker as error:
        raise click.ClickException(
            "a worker was stopped from outside, for want of memory perhaps: the lines written so far are whole; "
            "run it again, with fewer --workers"
        ) from error


@contextmanager
def _made_to_stay() -> Iterator[None]:
    """What is loaded stays to the end: no garbage is looked for meanwhile, nor there ever again, at the exit least."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _load(pack: str) -> Judge:
    from compliance.judge import load_judge

    return load_judge(pack, contact=False)


def _chunks(rows: Iterator[tuple[int, RawRow]], size: int) -> Iterator[Chunk]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _screen_chunk(pack: str, chunk: Chunk) -> Answers:
    from compliance.judge.batch import screen_rows

    lines: list[bytes] = []
    not_usable = 0
    for answer in screen_rows(parse_rows(chunk), _load(pack)):  # written at once: no answers pile up to be looked after
        lines.append(json_line(answer))
        not_usable += "error" in answer
    return b"".join(lines), not_usable


@click.command()
@click.argument("labelled", required=False)
@click.option("--json", "as_json", is_flag=True, help="Figures as JSON.")
@click.option("--pack", default="cn", show_default=True)
@click.option(
    "--unseen", is_flag=True, help="Instead: cases by readers trained without them (minutes); `intents` for utterances."
)
def evaluate(labelled: str | None, as_json: bool, pack: str, unseen: bool) -> None:
    """Compare with labels: verdicts, whole calls (told by `turns`) or utterances (told by `intents`)."""
    if unseen:
        for line in _report_unseen(labelled):
            click.echo(line)
        return
    if labelled is None:
        raise InvalidInput("name a labelled file, or ask for --unseen", code="missing", field="LABELLED")
    rows = _labelled_rows(labelled)
    if rows and all("turns" in row for row in rows):
        _show(_evaluate_calls(rows, pack), as_json)
    elif rows and all("intents" in row for row in rows):
        _show(_evaluate_utterances(rows), as_json)
    else:
        _show(_evaluate_messages(rows, pack), as_json)


Figures = tuple[dict[str, Any], str]
"""The same figures for programs and for people."""


def _show(figures: Figures, as_json: bool) -> None:
    found, table = figures
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else table)


def _report_unseen(labelled: str | None) -> Iterator[str]:
    if labelled is not None and Path(labelled).name.startswith("utterances"):
        from assistant.intents.unseen import report_unseen as report_intents

        return report_intents(CORPUS)
    from compliance.judge.unseen import report_unseen

    return report_unseen(CORPUS)


def _evaluate_messages(rows: list[dict[str, Any]], pack: str) -> Figures:
    from compliance.judge import load_judge
    from compliance.judge.evaluation import READERS, as_table
    from compliance.judge.evaluation import evaluate as measure

    judge = load_judge(pack)
    names = [name for name in READERS if name != "reader" or judge.reader is not None]
    results = {name: measure(rows, judge, name) for name in names}
    tables = [f"== {name}\n{as_table(result)}\n" for name, result in results.items()]
    return {name: result.to_dict() for name, result in results.items()}, "\n".join(tables)


def _evaluate_calls(rows: list[dict[str, Any]], pack: str) -> Figures:
    import secrets

    from assistant.calls.desk import build_desk
    from assistant.calls.figures import evaluate_outcomes
    from assistant.intents import hear
    from assistant.suggestions.figures import evaluate_next
    from compliance.database import Database
    from compliance.gate.tokens import PermitKeys
    from compliance.judge import load_judge
    from compliance.judge.conversation_figures import evaluate_conversations
    from compliance.judge.talk import load_talk
    from scripts_library.seeding import load_seeds

    judge = load_judge(pack)
    heard = evaluate_conversations(rows, judge, lambda text, speaker: hear(text, speaker).meant)
    filed = evaluate_outcomes(rows, load_talk(judge.pack))
    # No call is looked up: the database stays empty.
    desk = build_desk(Database("sqlite://"), judge, PermitKeys.from_secret(secrets.token_hex(20)))
    shown = evaluate_next(rows, desk, load_seeds())
    tables = f"{heard.as_table()}\n\n{filed.as_table()}\n\n{shown.as_table()}"
    return {**heard.to_dict(), **filed.to_dict(), "good_next": shown.to_dict()}, tables


def _evaluate_utterances(rows: list[dict[str, Any]]) -> Figures:
    from assistant.intents.figures import evaluate_utterances

    figures = evaluate_utterances(rows)
    return figures.to_dict(), figures.as_table()


def _labelled_rows(source: str) -> list[dict[str, Any]]:
    """A row without an id of its own is named by its number."""
    rows = []
    for number, row in read_rows(source):
        if isinstance(row, InvalidInput):
            raise InvalidInput(f"{source}, line {number}: {row.message}", code=row.code)
        rows.append({"id": number} | dict(row))
    return rows


@click.group()
def packs() -> None:
    """Packs of rules."""


@packs.command("test")
@click.argument("pack", default="cn")
def test_pack(pack: str) -> None:
    """Run every rule's own hits and misses, and its hits in disguise."""
    from compliance.judge.proof import prove

    report = prove(pack)
    for line in report.lines():
        click.echo(line)
    if not report.ok:
        raise SystemExit(1)
    from compliance.judge.trial import try_disguises  # a pack with faults has no hits worth disguising

    for line in try_disguises(pack).lines():
        click.echo(line)


@packs.command("coverage")
@click.argument("pack", default="cn")
@click.option("--write", is_flag=True, help="Into docs/rules-PACK.md instead of standard output.")
def cover_pack(pack: str, write: bool) -> None:
    """How each row of the pack's table of rules is met, as a page."""
    from compliance.judge.coverage import cover
    from compliance.judge.proof import load_pack

    page = cover(load_pack(pack)).as_markdown()
    if not write:
        click.echo(page, nl=False)
        return
    file = DOCS / f"rules-{pack}.md"
    file.write_text(page, encoding="utf-8", newline="\n")
    click.echo(f"{file.name} written")


@click.command()
@click.argument("what", default="all", type=click.Choice(["all", "judge", "intents", "listener"]))
@click.option("--out", type=click.Path(path_type=Path), help="The model's file; the shipped one where absent.")
def train(what: str, out: Path | None) -> None:
    """Train the learned readers from compliance/corpus: WHAT is judge, intents, listener, or all."""
    from assistant.intents.training import train as train_intents
    from compliance.judge.listener_training import train as train_listener
    from compliance.judge.training import train as train_reader

    readers = {"judge": train_reader, "intents": train_intents, "listener": train_listener}
    if out is not None and what == "all":
        raise InvalidInput("one file cannot hold all readers: say which", code="ambiguous", field="WHAT")
    for name, train_one in readers.items():
        if what in (name, "all"):
            for line in train_one(CORPUS, out):
                click.echo(line)
