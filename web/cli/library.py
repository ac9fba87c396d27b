"""The script library from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from web.cli.opening import opened

if TYPE_CHECKING:
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


def report(found: Recheck) -> None:
    """Say what was judged and withdrawn; nothing where there was nothing to do."""
    for one in found.withdrawn:
        click.echo(f"withdrawn: {one.key} version {one.number} of {one.owner} ({one.was}): {one.why}")
    if found.checked:
        click.echo(f"{found.checked} script versions judged, {len(found.withdrawn)} withdrawn")
