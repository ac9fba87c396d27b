"""What is done every day, by cron: drawing the sample, calling to mind what falls due. Again does nothing twice."""

from __future__ import annotations

import getpass
import hashlib
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from web.cli.opening import Edge, opened

if TYPE_CHECKING:
    from compliance.gate.channels.smtp import SmtpChannel
    from compliance.rights import Reminded


@click.group()
def samples() -> None:
    """Quality review: the sample of what was allowed."""


@samples.command("draw")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="The local day; yesterday where absent.")
def draw_samples(day: datetime | None) -> None:
    """Draw the sample of a past day for officers to look at. The same day again is the same sample."""
    from compliance.gate import Actor
    from compliance.review import draw

    with opened() as edge:
        config, now = edge.config, edge.now()
        today = now.astimezone(config.zone).date()
        wanted: date = day.date() if day else today - timedelta(days=1)
        who = Actor(f"cli:{getpass.getuser()}", "officer")
        drawn = draw(edge.db, config.secret_key, wanted, today, config.sample_percent / 100, who, now)
    click.echo(f"{wanted}: {drawn.population} allowed, {drawn.sampled} in the sample, {drawn.fresh} new")


@click.group()
def requests() -> None:
    """Requests of debtors."""


@requests.command("remind")
def remind_owners() -> None:
    """Call to mind what is due within days or overdue: on the officers' pages, in the ledger, and by mail where an
    SMTP server is configured and an officer has an address (`user email`)."""
    from compliance.rights import remind

    with opened() as edge:
        now = edge.now()
        made = edge.db.run(lambda session: remind(session, now, f"cli:{getpass.getuser()}"))
        mailed, failed = _mail(edge, now)
    click.echo(f"{len(made)} reminders, {mailed} mails, {failed} failed")
    if failed:
        raise SystemExit(1)


def _mail(edge: Edge, now: datetime) -> tuple[int, int]:
    """How many officers were mailed, and how many mails failed; what failed is tried again the next time."""
    from compliance.gate.channels.protocol import DeliveryFailed
    from compliance.gate.channels.staff import send_to_staff
    from compliance.rights import note_mailed, to_mail
    from web.accounts import addresses_of_officers
    from web.state import build_smtp

    if "smtp" not in edge.config.channel:
        return 0, 0
    with edge.db.read() as session:
        waiting, addresses = to_mail(session, now), addresses_of_officers(session)
    server: SmtpChannel = build_smtp(edge.config)
    done, failed = set(), 0
    sent = 0
    for name, address in addresses.items():
        mine = [one for one in waiting if one.reminder.owner in (name, "") and one.request.recorded_by != name]
        if not mine:
            continue
        key = hashlib.sha256(f"{name}:{[one.reminder.id for one in mine]}".encode()).hexdigest()[:40]
        try:
            send_to_staff(server, address, "权利请求期限提醒", _words(edge, mine), key, now)
        except DeliveryFailed as error:
            failed += 1
            click.echo(f"{name}: {error.reason}", err=True)
            continue
        sent += 1
        done |= {one.reminder.id for one in mine}
    if done:
        edge.db.run(lambda session: note_mailed(session, sorted(done), now))
    return sent, failed


def _words(edge: Edge, mine: list[Reminded]) -> str:
    """Numbers and days; nobody's name: mail lies in the clear."""
    lines = [
        f"{one.request.ref}　{'已超期' if one.reminder.urgency == 'overdue' else '即将到期'}　"
        f"截止 {one.reminder.due_at.astimezone(edge.config.zone):%Y-%m-%d %H:%M}"
        for one in mine
    ]
    where = f"\n{edge.config.public_url}/rights" if edge.config.public_url else ""
    return "以下权利请求须按期答复：\n" + "\n".join(lines) + where
