"""Cases, the ledger and the database from the command line."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from compliance.judge.types import InvalidInput
from web.cli.opening import opened, settings


@click.group()
def cases() -> None:
    """Debtors and accounts."""


@cases.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Keep no row of a file in which any row is wrong.")
@click.option("--actor", default=None, help="Who imports; the operating system's user where absent.")
def import_file(file: Path, dry_run: bool, all_or_nothing: bool, actor: str | None) -> None:
    """Import accounts from a CSV or XLSX FILE, one account a row. Exit status 3 when a row was refused."""
    from compliance.casebook import import_cases

    with opened() as edge:
        report = import_cases(
            edge.db,
            file,
            dry_run=dry_run,
            all_or_nothing=all_or_nothing,
            now=edge.now(),
            actor=actor or f"cli:{getpass.getuser()}",
        )
    for line in report.lines():
        click.echo(line)
    if report.errors:
        raise SystemExit(3)


@contextmanager
def _unchanged() -> Iterator[None]:
    """A ledger that is not the one that was signed ends the command with a sentence and exit status 1."""
    from compliance.ledger import LedgerChanged

    try:
        yield
    except LedgerChanged as error:
        click.echo(f"{error} `ledger verify` names the first bad entry.", err=True)
        raise SystemExit(1) from error


@click.group()
def ledger() -> None:
    """The append-only record."""


@ledger.command("verify")
def verify_ledger() -> None:
    """Check the whole chain; name the first bad entry and exit with 1."""
    from compliance.ledger import verify

    with opened() as edge, edge.db.read() as session:
        result = verify(session, publics=edge.config.signing_keys.publics)
    click.echo(result.sentence)
    if not result.ok:
        raise SystemExit(1)


@ledger.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_ledger(file: Path) -> None:
    """Write every entry and the head to FILE as JSON lines, or, where FILE ends in .zip, a bundle with signed heads,
    proofs and a verifier that needs nothing but Python."""
    from compliance.ledger import export, export_bundle

    with opened() as edge, _unchanged():
        if file.suffix == ".zip":
            count = export_bundle(edge.db, file, edge.config.signing_keys, edge.now())
        else:
            with edge.db.read() as session:
                count = export(session, file)
    click.echo(f"{count} entries → {file}")


@ledger.command("month")
def begin_month() -> None:
    """On PostgreSQL, begin a partition for the entries of this month; run it monthly, at night."""
    from compliance.ledger import open_month

    with opened() as edge:
        if edge.db.is_sqlite:
            click.echo("SQLite keeps the ledger in one table; nothing was changed")
            return
        begun = open_month(edge.db, edge.now().astimezone(edge.config.zone).date())
    if begun is None:
        click.echo("nothing to begin: the month has its partition, or nothing was entered since the last")
    else:
        click.echo(f"entries from {begun.first} on go to {begun.name}")


@ledger.command("explain")
@click.argument("outreach")
def explain_outreach(outreach: str) -> None:
    """Decide OUTREACH (the sender's id, or # and its number) again under the pack, facts and counters of its moment.

    Prints JSON: the verdict then, what it was decided on, the verdict again, and whether they are the same. Exit status
    1 where they are not, 4 where it cannot be decided again.
    """
    import json

    from compliance.judge import load_judge
    from compliance.retrace import explain, find
    from web.explaining import explanation_to_dict

    with opened() as edge, edge.db.read() as session:
        found = explain(session, load_judge(edge.config.jurisdiction), find(session, outreach))
    click.echo(json.dumps(explanation_to_dict(found), ensure_ascii=False, indent=2))
    if found.same is not True:
        raise SystemExit(4 if found.same is None else 1)


@ledger.command("sign")
def sign() -> None:
    """Sign the head as it is and print it as JSON: keep it outside, and any later export can be held against it."""
    import json

    from compliance.ledger import head_to_dict, sign_head

    with opened() as edge, _unchanged():
        signed = sign_head(edge.db, edge.config.signing_keys, edge.now())
    if signed is None:
        raise InvalidInput("台账还是空的。", code="empty_ledger")
    click.echo(json.dumps(head_to_dict(signed)))


@ledger.command("key")
def key() -> None:
    """Print the public key that heads are signed with, to be given to whoever is to check them."""
    click.echo(settings().signing_keys.public)


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the present schema."""
    with opened() as edge:
        click.echo(f"{edge.db.engine.url.render_as_string(hide_password=True)} is up to date")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy an SQLite database to FILE, whole or not at all, while it is in use (for PostgreSQL use pg_dump)."""
    url = settings().database_url
    if not url.startswith("sqlite:///"):
        raise InvalidInput("backup copies SQLite databases; for PostgreSQL use pg_dump", code="unsupported")
    source = Path(url.removeprefix("sqlite:///"))
    if not source.is_file():
        raise InvalidInput(f"there is no database at {source}", code="no_file")
    if file.exists():
        raise InvalidInput(f"{file} exists already; give another name", code="exists", field="FILE")
    from contextlib import closing

    unfinished = file.with_name(file.name + ".part")
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(unfinished)) as copy:
            live.backup(copy)
        unfinished.replace(file)
    except sqlite3.Error as error:
        raise InvalidInput(f"{source} was not copied to {file}: {error}", code="backup", field="FILE") from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{source} → {file}")
