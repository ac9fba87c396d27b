"""Everything long-lived of the running application, in one typed object; the one place that reads the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Flask, current_app

from assistant.calls.desk import Desk, build_desk
from compliance.database import Database
from compliance.gate.channels import Channel
from compliance.gate.channels.file import FileChannel
from compliance.gate.channels.smtp import SmtpChannel
from compliance.gate.channels.webhook import WebhookChannel
from compliance.gate.dispatch import DispatchReport, dispatch_once
from compliance.gate.tokens import PermitKeys
from compliance.gate.types import TEXT_CHANNELS
from compliance.judge import Judge, load_judge
from compliance.retrace import publish_pack, publish_settings
from web.config import Config

EXTENSION = "zhengyan"
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class State:
    """What views hand to the functions they call."""

    config: Config
    db: Database
    judge: Judge
    keys: PermitKeys
    clock: Clock
    channels: Mapping[str, Channel]
    calls: Desk

    def dispatch(self, worker: str) -> DispatchReport:
        """Deliver what is due, in one pass; ``worker`` names this process."""
        return dispatch_once(
            self.db, self.judge, self.channels, worker, self.clock(), self.keys,
            clock=self.clock, lease=timedelta(seconds=self.config.lease_seconds),
        )  # fmt: skip


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_state(config: Config, clock: Clock) -> State:
    """Opens the database and loads the pack.

    Raises: ``PackError`` where the pack does not load.
    """
    config.unlock()
    db, judge = Database(config.database_url), load_judge(config.jurisdiction)
    keys = PermitKeys.parse(config.permit_keys) if config.permit_keys else PermitKeys.from_secret(config.secret_key)
    return State(
        config=config,
        db=db,
        judge=judge,
        keys=keys,
        clock=clock,
        channels=_build_channels(config),
        calls=build_desk(db, judge, keys),
    )


def announce(state: State) -> None:
    """Keep the pack and the settings that this process starts with, with an entry where either is new."""
    publish_settings(state.db, state.config.shown(), state.clock())
    publish_pack(state.db, state.judge, state.clock())


def attach(app: Flask, state: State) -> None:
    app.extensions[EXTENSION] = state


def state_of(app: Flask) -> State:
    return cast(State, app.extensions[EXTENSION])


def state() -> State:
    """The state of the application that answers the present request."""
    return state_of(current_app)


def _build_channels(config: Config) -> dict[str, Channel]:
    """With ``smtp`` alone only e-mail is delivered; a message on a channel without an adapter waits and expires."""
    if config.channel == "file":
        file = FileChannel(config.instance / "outbox.jsonl")
        return dict.fromkeys(TEXT_CHANNELS, file)
    channels: dict[str, Channel] = {}
    if "webhook" in config.channel:
        channels = dict.fromkeys(TEXT_CHANNELS, WebhookChannel(config.webhook_url, config.webhook_secret))
    if "smtp" in config.channel:
        channels["email"] = build_smtp(config)
    return channels


def build_smtp(config: Config) -> SmtpChannel:
    """The configured mail server."""
    return SmtpChannel(
        host=config.smtp_host,
        port=config.smtp_port,
        sender=config.smtp_from,
        security=config.smtp_security,
        username=config.smtp_user or None,
        password=config.smtp_password or None,
    )
