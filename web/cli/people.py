"""Users and API tokens from the command line."""

from __future__ import annotations

import getpass
import sys

import click

from web.cli.opening import opened


@click.group()
def user() -> None:
    """People who log in."""


@user.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(["collector", "officer", "trainer", "admin"]))
@click.option("--display-name", help="Shown on screens; the log-in name where absent.")
@click.option("--staff-no", help="The number that debtors are told; the next free one where absent.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def add_user(name: str, role: str, display_name: str | None, staff_no: str | None, password_stdin: bool) -> None:
    """Add a user NAME with one role."""
    from web.accounts import create_user

    password = _password(password_stdin)
    shown = display_name or name
    with opened() as edge:
        added = edge.db.run(
            lambda session: create_user(session, name, shown, role, password, edge.now(), staff_no=staff_no)
        )
    click.echo(f"{name} ({role}), {added.staff_no}")


@user.command("email")
@click.argument("name")
@click.argument("address")
def set_address(name: str, address: str) -> None:
    """Remind user NAME by mail at ADDRESS; an empty ADDRESS takes it away."""
    from web.accounts import set_email

    with opened() as edge:
        edge.db.run(lambda session: set_email(session, name, address, actor=f"cli:{getpass.getuser()}", now=edge.now()))
    click.echo(f"{name}: {address or 'no address'}")


@user.command("number")
@click.argument("name")
@click.argument("staff_no")
def set_number(name: str, staff_no: str) -> None:
    """Let user NAME make themselves known to debtors by STAFF_NO."""
    from web.accounts import set_staff_no

    actor = f"cli:{getpass.getuser()}"
    with opened() as edge:
        edge.db.run(lambda session: set_staff_no(session, name, staff_no, actor=actor, now=edge.now()))
    click.echo(f"{name}: {staff_no}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@click.group()
def token() -> None:
    """API tokens."""


@token.command("issue")
@click.argument("name")
def issue(name: str) -> None:
    """Print a new API token of user NAME: shown once, kept only as a digest."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from compliance.judge.types import InvalidInput
    from web.accounts import User, issue_token

    def work(session: Session) -> str:
        owner = session.scalar(select(User).where(User.name == name))
        if owner is None:
            raise InvalidInput(f"there is no user {name}", code="not_found", field="NAME")
        return issue_token(session, owner, now)

    with opened() as edge:
        now = edge.now()
        click.echo(edge.db.run(work))
