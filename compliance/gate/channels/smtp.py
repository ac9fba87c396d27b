"""E-mail by SMTP, with TLS and log-in as set.

A mail server does not promise to drop a second message with the same Message-ID, so ``accepts_keys`` is false:
what is in doubt is not sent again. Doubt begins when the message itself is handed over; every failure before
that is certain to have delivered nothing.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from compliance.gate.channels.protocol import ChannelDown, Delivery, InDoubt, Rejected, TryLater


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """One mail server.

    ``security`` is ``tls`` (from the first byte), ``starttls`` or ``none`` (for a server on the same machine).
    A certificate that does not hold is an error; there is no way around it but a ``context`` of one's own.
    """

    host: str
    port: int
    sender: str
    subject: str = "通知"
    """Seen on a locked screen: it says nothing about a debt."""
    security: str = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    context: ssl.SSLContext | None = None
    accepts_keys: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if self.security not in ("tls", "starttls", "none"):
            raise ValueError(f"SMTP security must be tls, starttls or none, not {self.security!r}")
        if self.username is not None and self.security == "none" and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("an SMTP password is not sent over a network without TLS")

    def deliver(self, delivery: Delivery) -> str:
        """Hand the message to the server; returns its Message-ID."""
        message = self._compose(delivery)
        with self._session() as server:
            with _certain_failures():
                _expect(server.mail(self.sender))
                _expect(server.rcpt(delivery.recipient.strip()))
            _hand_over(server, message.as_bytes(policy=SMTP))
        return str(message["Message-ID"])

    def _compose(self, delivery: Delivery) -> EmailMessage:
        message = EmailMessage()
        try:
            recipient = Address(addr_spec=delivery.recipient.strip())
            recipient.addr_spec.encode("ascii")
            message["To"] = recipient
        except (ValueError, IndexError) as error:
            raise Rejected("邮箱地址无法使用") from error
        message["From"] = self.sender
        message["Subject"] = self.subject
        message["Message-ID"] = f"<{delivery.key}@{self.sender.rpartition('@')[2]}>"
        message.set_content(delivery.text)
        return message

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with _certain_failures():
            server = self._connect()
        try:
            yield server
        finally:
            # The message is accepted or not by now; how the server says goodbye changes nothing.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            server.ehlo_or_helo_if_needed()
            if self.security == "starttls":
                server.starttls(context=context)
            if self.username is not None:
                server.login(self.username, self.password or "")
        except BaseException:
            server.close()
            raise
        return server


@contextlib.contextmanager
def _certain_failures() -> Iterator[None]:
    """Failures before the message is handed over: nothing has left."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise ChannelDown(f"SMTP 登录失败（{error.smtp_code}）") from error
    except smtplib.SMTPResponseException as error:
        raise ChannelDown(f"SMTP 服务器拒绝服务（{error.smtp_code}）") from error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelDown(f"SMTP 服务器连接失败（{type(error).__name__}）") from error


def _expect(answer: tuple[int, bytes]) -> None:
    code = answer[0]
    if code in (250, 251):
        return
    if 500 <= code < 600:
        raise Rejected(f"SMTP 拒收（{code}）")
    if code == 421:
        raise ChannelDown("SMTP 服务器暂停服务（421）")
    raise TryLater(f"SMTP 暂时拒收（{code}）")


def _hand_over(server: smtplib.SMTP, message: bytes) -> None:
    try:
        code, _ = server.data(message)
    except smtplib.SMTPDataError as error:  # the server refused to listen
        _expect((error.smtp_code, b""))
        raise TryLater(f"SMTP 暂时拒收（{error.smtp_code}）") from error
    except (OSError, smtplib.SMTPException) as error:
        raise InDoubt(f"SMTP 连接在交付时中断（{type(error).__name__}）") from error
    _expect((code, b""))
