"""Against a real SMTP server on this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from compliance import ledger
from compliance.database import Database
from compliance.gate.channels import ChannelDown, Delivery, InDoubt, Rejected, TryLater
from compliance.gate.channels.smtp import SmtpChannel
from compliance.gate.claims import delivery_key
from compliance.gate.dispatch import DispatchReport, dispatch_once
from tests.compliance.gate.world import EMAIL, KEYS, FakeJudge, email, populate, row, send

PEM = Path(__file__).with_name("mail-server.pem")
AT = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
LETTER = Delivery("a" * 40, "email", EMAIL, "您好：\n您的账单已逾期。\n.\nFrom 我行", AT)


@dataclass
class Postbox:
    """What arrived, and how the server answers next."""

    mails: list[Any] = field(default_factory=list)
    rcpt: str = "250 OK"
    data: str = "250 OK"
    cut: bool = False

    async def handle_RCPT(self, _s: SMTP, _session: Session, envelope: Envelope, address: str, _o: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        if self.cut:
            server.transport.abort()
        return self.data


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def mail_server(postbox: Postbox, port: int | None = None, **options: Any) -> Iterator[int]:
    """The port of a server that runs meanwhile."""
    port = port or free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def channel(port: int, **settings: Any) -> SmtpChannel:
    return SmtpChannel("127.0.0.1", port, "notice@bank.example", **{"security": "none", "timeout_s": 5.0, **settings})


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


def check_password(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"zhengyan", b"right")
    return AuthResult(success=right, handled=False)


def test_a_letter_arrives_as_it_was_written() -> None:
    postbox = Postbox()
    with mail_server(postbox) as port:
        reference = channel(port).deliver(LETTER)
    [(recipients, mail)] = postbox.mails
    assert recipients == [EMAIL]
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == LETTER.text
    assert mail["Message-ID"] == reference == f"<{LETTER.key}@bank.example>"


def test_the_subject_says_nothing_of_a_debt() -> None:
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel(port).deliver(LETTER)
    assert postbox.mails[0][1]["Subject"] == "通知"


# The server's own check does not know that TLS came with the first byte.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_tls_and_password(security: str) -> None:
    options: dict[str, Any] = {"auth_required": True, "authenticator": check_password}
    if security == "tls":
        options |= {"ssl_context": server_context(), "auth_require_tls": False}
    else:
        options |= {"tls_context": server_context(), "require_starttls": True}
    postbox = Postbox()
    with mail_server(postbox, **options) as port:
        trusting = ssl.create_default_context(cafile=str(PEM))
        channel(port, security=security, username="zhengyan", password="right", context=trusting).deliver(LETTER)
    assert len(postbox.mails) == 1


def test_a_wrong_password_is_a_channel_that_is_down() -> None:
    postbox = Postbox()
    options = {"auth_required": True, "authenticator": check_password, "tls_context": server_context()}
    trusting = ssl.create_default_context(cafile=str(PEM))
    with mail_server(postbox, **options) as port, pytest.raises(ChannelDown, match="535"):
        channel(port, security="starttls", username="zhengyan", password="wrong", context=trusting).deliver(LETTER)
    assert postbox.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(security: str) -> None:
    postbox = Postbox()
    options = {"ssl_context": server_context()} if security == "tls" else {"tls_context": server_context()}
    with mail_server(postbox, **options) as port, pytest.raises(ChannelDown):
        channel(port, security=security).deliver(LETTER)
    assert postbox.mails == []


def test_a_server_without_tls_gets_nothing_where_tls_is_wanted() -> None:
    postbox = Postbox()
    with mail_server(postbox) as port, pytest.raises(ChannelDown):
        channel(port, security="starttls").deliver(LETTER)
    assert postbox.mails == []


def test_nobody_listening_is_a_channel_that_is_down() -> None:
    with pytest.raises(ChannelDown):
        channel(free_port()).deliver(LETTER)


@pytest.mark.parametrize(
    ("field", "answer", "error"),
    [
        ("rcpt", "550 no such user", Rejected),
        ("rcpt", "450 greylisted", TryLater),
        ("rcpt", "421 closing", ChannelDown),
        ("data", "554 spam", Rejected),
        ("data", "452 full", TryLater),
    ],
)
def test_what_the_server_says_is_understood(field: str, answer: str, error: type[Exception]) -> None:
    postbox = Postbox()
    setattr(postbox, field, answer)
    with mail_server(postbox) as port, pytest.raises(error, match=answer[:3]):
        channel(port).deliver(LETTER)
    assert postbox.mails == []


def test_a_line_that_breaks_after_the_message_leaves_doubt() -> None:
    postbox = Postbox(cut=True)
    with mail_server(postbox) as port, pytest.raises(InDoubt):
        channel(port).deliver(LETTER)
    assert len(postbox.mails) == 1


@pytest.mark.parametrize("address", ["", "no-at", "a@b\r\nBcc: x@y.example", "张三@example.com", "a@b, c@d"])
def test_an_address_that_is_none_is_rejected_before_anything_is_said(address: str) -> None:
    postbox = Postbox()
    with mail_server(postbox) as port, pytest.raises(Rejected):
        channel(port).deliver(Delivery("k" * 40, "email", address, "您好", AT))
    assert postbox.mails == []


def test_unknown_security_is_refused() -> None:
    with pytest.raises(ValueError, match="security"):
        channel(25, security="maybe")


def test_a_password_is_not_sent_in_the_open() -> None:
    with pytest.raises(ValueError, match="TLS"):
        SmtpChannel("mail.example", 25, "a@b.example", security="none", username="u", password="p")


def test_from_submit_to_the_mailbox_once(db: Database, now: datetime) -> None:
    populate(db)
    postbox, judge = Postbox(), FakeJudge()
    send(db, judge, email("1", "您好，请还款。"), now)
    with mail_server(postbox) as port:
        for minute in range(3):
            channels = {"email": channel(port)}
            dispatch_once(db, judge, channels, "w", now + timedelta(minutes=minute), KEYS)  # type: ignore[arg-type]
    assert [mail["Message-ID"] for _, mail in postbox.mails] == [f"<{delivery_key('1')}@bank.example>"]
    assert row(db, "1").state == "sent"
    with db.read() as session:
        assert ledger.verify(session).ok


def test_a_mailbox_server_that_comes_back_gets_what_waited(db: Database, now: datetime) -> None:
    populate(db)
    postbox, judge = Postbox(), FakeJudge()
    send(db, judge, email("1"), now)
    port = free_port()
    channels = {"email": channel(port)}
    assert dispatch_once(db, judge, channels, "w", now, KEYS) == DispatchReport(deferred=1)  # type: ignore[arg-type]
    with mail_server(postbox, port):
        dispatch_once(db, judge, channels, "w", now + timedelta(hours=1), KEYS)  # type: ignore[arg-type]
    assert len(postbox.mails) == 1
