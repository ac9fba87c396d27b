"""Settings from the environment, parsed by small functions that refuse a bad value with a sentence naming it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from compliance.gate.channels.webhook import check_url
from compliance.gate.tokens import PermitKeys
from compliance.ledger import LedgerKeys
from compliance.sealing import DataKeys, use_keys

PREFIX = "ZHENGYAN_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CHANNEL_NAMES = ("file", "smtp", "webhook", "smtp+webhook")
SECRET_BYTES = 32
SECRETS = ("secret_key", "smtp_password", "webhook_secret", "permit_keys", "ledger_keys", "data_keys")


class ConfigError(ValueError):
    """A setting that cannot be used; the sentence names the variable."""


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting. Environment variable: ``ZHENGYAN_`` and the field's name in capitals."""

    database_url: str
    secret_key: str
    instance: Path
    """Folder for the default database, the secret key and the file channel."""
    host: str = "127.0.0.1"
    port: int = 5000
    timezone: str = "Asia/Shanghai"
    """Zone in which the pages show times, and of a debtor whose own zone is not given."""
    jurisdiction: str = "cn"
    """Name of the pack that judges."""
    channel: str = "file"
    """``file`` writes every delivery to ``instance/outbox.jsonl`` (demo); ``smtp`` sends e-mail, and only that;
    ``webhook`` hands every message to ``webhook_url``; ``smtp+webhook`` sends e-mail itself and hands over the rest."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "none"
    """``tls``, ``starttls`` or ``none``. Default: ``none`` to a server on this machine, else ``starttls``."""
    smtp_from: str = "zhengyan@localhost"
    webhook_url: str = ""
    """Where messages are handed over; HTTPS beyond this machine."""
    webhook_secret: str = field(default="", repr=False)
    """Signs what is handed over; at least 32 characters."""
    permit_keys: str = field(default="", repr=False)
    """``id=secret,id=secret``: the first signs permits, all are accepted. Default: one key from ``secret_key``."""
    ledger_keys: str = field(default="", repr=False)
    """Ed25519 seeds of 64 hexadecimal digits, separated by commas: the first signs the ledger's heads, heads signed by
    any of them are its own. Default: one made once in ``instance/ledger_key``."""
    data_keys: str = field(default="", repr=False)
    """``id=key,id=key``, keys of 64 hexadecimal digits: the first seals identity numbers, telephone numbers and
    addresses, all open them. Default: one made once in ``instance/data_keys``."""
    cookie_secure: bool = False
    """Whether the session cookie is sent over HTTPS only. Default: unless ``host`` is this machine alone."""
    session_hours: int = 10
    """How long a log-in lasts."""
    login_limit: str = "10 per minute"
    """Failed log-ins a client address may make."""
    public_url: str = ""
    """Where debtors reach this server: the links in messages begin with it. Default: none, and no links are offered,
    unless ``host`` is this machine alone (demo)."""
    page_limit: str = "60 per minute"
    """Requests that one address may make to the debtor's page."""
    sample_percent: int = 5
    """Of what was allowed, so many in a hundred go to officers after the fact."""
    max_request_kb: int = 2048
    lease_seconds: int = 600
    """After this long a delivery that a dispatcher began and never finished is settled by another."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """Settings from ``env`` (default: the process environment).

        Raises: ``ConfigError`` naming the first variable that cannot be used.
        """
        values = os.environ if env is None else env
        given = {name: _parse(values, name) for name in _PARSERS if _variable(name) in values}
        instance = given.setdefault("instance", Path("instance").resolve())
        given.setdefault("database_url", f"sqlite:///{instance / 'zhengyan.db'}")
        given.setdefault("cookie_secure", given.get("host", "127.0.0.1") not in LOOPBACK)
        if given.get("host", "127.0.0.1") in LOOPBACK:
            given.setdefault("public_url", f"http://127.0.0.1:{given.get('port', 5000)}")
        given.setdefault("smtp_security", "none" if given.get("smtp_host", "127.0.0.1") in LOOPBACK else "starttls")
        given["secret_key"] = _secret_key(values, instance)
        given["smtp_password"] = _secret(values, "SMTP_PASSWORD") or ""
        given["permit_keys"] = _permit_keys(values)
        given["ledger_keys"] = _ledger_keys(values, instance)
        given["data_keys"] = _data_keys(values, instance)
        given["webhook_secret"] = _webhook_secret(values, given)
        return cls(**given)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def signing_keys(self) -> LedgerKeys:
        """The keys of the ledger. Settings made without any (in a test) get one from the secret key."""
        return LedgerKeys.parse(self.ledger_keys or hashlib.sha256(f"ledger:{self.secret_key}".encode()).hexdigest())

    def unlock(self) -> None:
        """Let this process seal and open personal data. Settings made without keys (in a test) change nothing."""
        if self.data_keys:
            use_keys(DataKeys.parse(self.data_keys))

    def shown(self) -> dict[str, str]:
        """Every setting as text that may be recorded: of a secret, whether there is one."""
        hidden = {name: "set" if getattr(self, name) else "" for name in SECRETS}
        url = make_url(self.database_url).render_as_string(hide_password=True)
        plain = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return plain | hidden | {"database_url": url}

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _parse(values: Mapping[str, str], name: str) -> Any:
    try:
        return _PARSERS[name](values[_variable(name)].strip())
    except ValueError as error:
        raise ConfigError(f"{_variable(name)} {error}") from error


def _text(raw: str) -> str:
    if not raw:
        raise ValueError("must not be empty")
    return raw


def _address(raw: str) -> str:
    if raw.count("@") != 1 or raw.startswith("@") or raw.endswith("@"):
        raise ValueError(f"must be an e-mail address, not {raw!r}")
    return raw


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {raw!r}")
        return int(raw)

    return parse


_port = _number(1, 65535)


def _boolean(raw: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in words:
        raise ValueError(f"must be true or false, not {raw!r}")
    return words[raw.lower()]


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in names:
            raise ValueError(f"must be one of {', '.join(names)}, not {raw!r}")
        return raw

    return parse


def _webhook_url(raw: str) -> str:
    check_url(raw)
    return raw


def _public_url(raw: str) -> str:
    check_url(raw)
    parts = urlsplit(raw)
    if parts.query or parts.fragment or parts.username:
        raise ValueError(f"must be an address without query, such as https://rights.example.cn, not {raw!r}")
    return raw.rstrip("/")


def _timezone(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"must be a time zone such as Asia/Shanghai, not {raw!r}") from error
    return raw


def _database_url(raw: str) -> str:
    try:
        backend = make_url(raw).get_backend_name()
    except ArgumentError as error:
        raise ValueError("must be a database URL such as sqlite:///zhengyan.db or postgresql://…") from error
    if backend not in {"sqlite", "postgresql"}:
        raise ValueError(f"must be an SQLite or PostgreSQL URL, not {backend}")
    return raw


def _limit(raw: str) -> str:
    words = raw.split()
    units = {"second", "minute", "hour", "day"}
    if len(words) != 3 or not words[0].isdigit() or words[1] != "per" or words[2] not in units or int(words[0]) < 1:
        raise ValueError(f"must read like '10 per minute', not {raw!r}")
    return raw


def _folder(raw: str) -> Path:
    path = Path(_text(raw)).resolve()
    if path.exists() and not path.is_dir():
        raise ValueError(f"must be a folder, and {path} is not one")
    return path


_PARSERS: dict[str, Callable[[str], Any]] = {
    "instance": _folder,
    "database_url": _database_url,
    "host": _text,
    "port": _port,
    "timezone": _timezone,
    "jurisdiction": _text,
    "channel": _one_of(CHANNEL_NAMES),
    "smtp_host": _text,
    "smtp_port": _port,
    "smtp_user": str,
    "smtp_security": _one_of(("tls", "starttls", "none")),
    "smtp_from": _address,
    "webhook_url": _webhook_url,
    "cookie_secure": _boolean,
    "session_hours": _number(1, 24),
    "login_limit": _limit,
    "public_url": _public_url,
    "page_limit": _limit,
    "sample_percent": _number(1, 100),
    "max_request_kb": _number(64, 65536),
    "lease_seconds": _number(2, 86400),
}
"""How each variable is read; secrets come from ``_secret`` since a file may hold them."""


def _secret(values: Mapping[str, str], name: str) -> str | None:
    """The value of ``NAME``, or what the file named by ``NAME_FILE`` holds."""
    direct, path = values.get(PREFIX + name), values.get(f"{PREFIX}{name}_FILE")
    if direct is not None or path is None:
        return direct
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{PREFIX}{name}_FILE cannot be read: {path}") from error


def _permit_keys(values: Mapping[str, str]) -> str:
    keys = _secret(values, "PERMIT_KEYS")
    if keys is None:
        return ""
    try:
        PermitKeys.parse(keys)
    except ValueError as error:
        raise ConfigError(f"{PREFIX}PERMIT_KEYS {error}") from error
    return keys


def _webhook_secret(values: Mapping[str, str], given: Mapping[str, Any]) -> str:
    secret = _secret(values, "WEBHOOK_SECRET") or ""
    if "webhook" not in given.get("channel", "file"):
        return secret
    if "webhook_url" not in given:
        raise ConfigError(f"{PREFIX}WEBHOOK_URL is needed where {PREFIX}CHANNEL is {given['channel']}")
    if len(secret) < SECRET_BYTES:
        raise ConfigError(f"{PREFIX}WEBHOOK_SECRET must have at least {SECRET_BYTES} characters")
    return secret


def _ledger_keys(values: Mapping[str, str], instance: Path) -> str:
    keys = _secret(values, "LEDGER_KEYS")
    if keys is None:
        keys = _kept_secret(instance, "ledger_key", "LEDGER_KEYS")
    try:
        LedgerKeys.parse(keys)
    except ValueError as error:
        raise ConfigError(f"{PREFIX}LEDGER_KEYS {error}") from error
    return keys


def _data_keys(values: Mapping[str, str], instance: Path) -> str:
    keys = _secret(values, "DATA_KEYS")
    if keys is None:
        keys = _named(_kept_secret(instance, "data_keys", "DATA_KEYS"))
    try:
        DataKeys.parse(keys)
    except ValueError as error:
        raise ConfigError(f"{PREFIX}DATA_KEYS {error}") from error
    return keys


def _secret_key(values: Mapping[str, str], instance: Path) -> str:
    given = _secret(values, "SECRET_KEY")
    key = _kept_secret(instance, "secret_key", "SECRET_KEY") if given is None else given
    if len(key) < SECRET_BYTES:
        raise ConfigError(f"{PREFIX}SECRET_KEY must have at least {SECRET_BYTES} characters")
    return key


def _kept_secret(instance: Path, name: str, setting: str) -> str:
    """The key in ``instance/name``, made once, readable by its owner alone; two that start together get the same."""
    path = instance / name
    try:
        instance.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secret(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{PREFIX}{setting} is not set and {path} cannot be made: {error.strerror}") from error


def add_data_key(config: Config) -> str:
    """Put a new key in front of those in ``instance/data_keys``; returns its id.

    Raises: ``ConfigError`` where the keys come from the environment, which this cannot change.
    """
    path = config.instance / "data_keys"
    if not path.exists() or DataKeys.parse(config.data_keys) != DataKeys.parse(_named(path.read_text("utf-8").strip())):
        raise ConfigError(f"{PREFIX}DATA_KEYS is set: put a new key in front of it there")
    known = DataKeys.parse(config.data_keys).keys
    id_ = next(f"k{number}" for number in range(1, len(known) + 2) if f"k{number}" not in known)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{id_}={secrets.token_hex(SECRET_BYTES)},{config.data_keys}\n")
        file.flush()
        os.fsync(file.fileno())
    Path(unfinished).replace(path)
    return id_


def _named(keys: str) -> str:
    """A key that was made here has no name yet."""
    return keys if "=" in keys else f"k1={keys}"


def _make_secret(path: Path) -> None:
    """Written whole under another name (of mode 0600) and then given its own: nobody reads half a key."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(unfinished, path)
    finally:
        Path(unfinished).unlink()
