"""Hearing what debtors mean, from the command line."""

from __future__ import annotations

import click

from web.cli.judging import BAD_ROWS, json_line, open_output
from web.cli.rows import read_rows


@click.command()
@click.argument("source", metavar="INPUT")
@click.option("-o", "--out", default="-", help="Where the JSON lines go; standard output where absent.")
def intents(source: str, out: str) -> None:
    """Hear what every row of INPUT means (JSONL, CSV, XLSX, Parquet; - is JSONL on stdin); one JSON line a row."""
    from assistant.intents.batch import hear_rows
    from assistant.intents.hearing import shipped

    shipped()  # a reader that does not load is named before any output
    rows = read_rows(source)
    bad = 0
    with open_output(out) as file:
        for answer in hear_rows(rows):
            file.write(json_line(answer))
            bad += "error" in answer
    if bad:
        click.echo(f"rows that could not be used: {bad}", err=True)
        raise SystemExit(BAD_ROWS)
