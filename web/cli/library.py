"""The script library from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli.opening import opened

if TYPE_CHECKING:
    from compliance.database import Database
    from scripts_library import Recheck


@click.group()
def scripts() -> None:
    """What collectors may say."""


@scripts.command("check")
@click.option("--all", "everything", is_flag=True, help="Judge all again, the pack changed or not.")
def check(everything: bool) -> None:
    """Judge what was judged under another pack; withdraw what no longer passes. Exit status 3 when something was."""
    from compliance.judge import load_judge
    from scripts_library import recheck

    with opened() as edge:
        judge = load_judge(edge.config.jurisdiction)
        found = recheck(edge.db, judge, judge.pack.digest, edge.now(), everything=everything)
    report(found)
    if found.withdrawn:
        raise SystemExit(3)


@scripts.command("seed")
@click.option("--dry-run", is_flag=True, help="Name what is missing; change nothing.")
@click.option("--author", required=True, help="Login name of the trainer who stands for the words.")
def seed(dry_run: bool, author: str) -> None:
    """Submit the shipped scripts that the library has not; another trainer approves them. What it has stays as it is.

    Exit status 3 when one does not pass the judge: it stays a draft.
    """
    from compliance.judge import load_judge
    from scripts_library import absent, load_seeds, offer

    seeds = load_seeds()
    with opened() as edge:
        _require_trainer(edge.db, author)
        if dry_run:
            with edge.db.read() as session:
                missing = absent(session, seeds)
            for one in missing:
                click.echo(f"{one.key} {one.head.title}")
            click.echo(f"{len(missing)} scripts are missing")
            return
        judge = load_judge(edge.config.jurisdiction)
        done = edge.db.run(lambda session: offer(session, judge, absent(session, seeds), author=author, now=edge.now()))
    for key in done.left:
        click.echo(f"left as a draft, it does not pass: {key}")
    click.echo(f"{len(done.waiting)} scripts wait for another trainer")
    if done.left:
        raise SystemExit(3)


@scripts.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--author", required=True, help="Login name of the trainer who stands for the words.")
def import_file(file: Path, dry_run: bool, author: str) -> None:
    """Make drafts of the scripts in an XLSX or Markdown FILE. Exit status 3 when a row was refused."""
    from compliance.judge import load_judge
    from scripts_library.importing import import_scripts

    with opened() as edge:
        _require_trainer(edge.db, author)
        judge = load_judge(edge.config.jurisdiction)
        done = import_scripts(
            edge.db, judge, file.name, file.read_bytes(), author=author, now=edge.now(), dry_run=dry_run
        )
    for line in done.lines():
        click.echo(line)
    if done.problems:
        raise SystemExit(3)


@scripts.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_file(file: Path) -> None:
    """Write every script, in its newest version, to an XLSX or Markdown FILE."""
    from compliance.judge.types import InvalidInput
    from scripts_library.importing import export_rows
    from scripts_library.tables import ENDINGS, write_markdown, write_xlsx

    if file.suffix.lower() not in ENDINGS:
        raise InvalidInput(f"{file.name}: the ending must be one of {', '.join(ENDINGS)}", code="unknown_format")
    with opened() as edge, edge.db.read() as session:
        rows = export_rows(session)
    file.write_bytes(write_xlsx(rows) if file.suffix.lower() == ".xlsx" else write_markdown(rows).encode())
    click.echo(f"{len(rows)} scripts → {file}")


def report(found: Recheck) -> None:
    """Say what was judged and withdrawn; nothing where there was nothing to do."""
    for one in found.withdrawn:
        click.echo(f"withdrawn: {one.key} version {one.number} of {one.owner} ({one.was}): {one.why}")
    if found.checked:
        click.echo(f"{found.checked} script versions judged, {len(found.withdrawn)} withdrawn")


def _require_trainer(db: Database, name: str) -> None:
    """Whoever stands for words must be there to be asked, and be told apart from who approves them."""
    from compliance.judge.types import InvalidInput
    from web.accounts import trainers

    with db.read() as session:
        if name not in trainers(session):
            raise InvalidInput(f"{name}: no trainer of this name may log in", code="not_found", field="author")
