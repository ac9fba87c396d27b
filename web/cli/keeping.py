"""Retention and the keys of personal data from the command line."""

from __future__ import annotations

import getpass
import json

import click

from web.cli.opening import opened, settings


@click.group()
def retention() -> None:
    """How long records are kept, and erasing them when that is over."""


@retention.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_due(as_json: bool) -> None:
    """List what would be erased, why, and what is held by what. Changes nothing."""
    from compliance.retention import find_due, load_retention

    policy = load_retention()
    with opened() as edge, edge.db.read() as session:
        due = find_due(session, policy, edge.now())
    for one in due:
        period, holds = policy.periods[one.what], [hold.when for hold in one.holds]
        if as_json:
            line = {"debtor": one.debtor, "what": one.what, "count": one.count, "oldest": one.oldest.isoformat()}
            cites = [cite.rule for cite in period.cites]
            click.echo(json.dumps(line | {"years": period.years, "cites": cites, "holds": holds}, ensure_ascii=False))
        else:
            state = "held by " + ", ".join(holds) if holds else "would be erased"
            click.echo(f"{one.debtor}  {one.what}  {one.count}  since {one.oldest:%Y-%m-%d}  {state}")
    if not as_json:
        held = sum(bool(one.holds) for one in due)
        click.echo(f"{len(due) - held} to be erased, {held} held")


@retention.command("erase")
@click.option("--yes", is_flag=True, help="Do it; without this nothing is changed.")
@click.option("--actor", default=None, help="Who erases; the operating system's user where absent.")
def erase_due(yes: bool, actor: str | None) -> None:
    """Erase what is due and not held: full words and personal fields. Digests, masked text, ledger and proofs stay."""
    from compliance.retention import erase, load_retention

    if not yes:
        click.echo("nothing was changed: see `retention list`, then say --yes", err=True)
        raise SystemExit(2)
    with opened() as edge:
        done = erase(edge.db, load_retention(), edge.now(), actor or f"cli:{getpass.getuser()}")
    click.echo(f"erased: {done.words} texts and turns, {done.people} people; held: {done.held}")


@click.group()
def keys() -> None:
    """The keys that personal data is sealed with."""


@keys.command("rotate")
@click.option("--new", is_flag=True, help="Only put a new key in front, in instance/data_keys.")
def rotate_keys(new: bool) -> None:
    """Seal all personal data again with the first key. Then the others can be taken away.

    In this order: `keys rotate --new`; restart every process, so that all know the new key; `keys rotate`.
    """
    import assistant.calls.models  # noqa: F401 - its tables are sealed too
    import compliance.rights.models  # noqa: F401
    from compliance.casebook.rotating import rotate
    from compliance.sealing import DataKeys
    from web.config import add_data_key

    if new:
        click.echo(f"key {add_data_key(settings())} is first in instance/data_keys: restart, then `keys rotate`")
        return
    with opened() as edge:
        known = DataKeys.parse(edge.config.data_keys)
        count = rotate(edge.db, known, edge.now(), f"cli:{getpass.getuser()}")
    click.echo(
        f"{count} values sealed again with key {known.first}; not needed any more: {', '.join([*known.keys][1:])}"
    )
