"""Settings: defaults, files for secrets, and a sentence for each bad value."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from web.config import Config, ConfigError


def settings(folder: Path, **values: str) -> Config:
    return Config.from_env({"ZHENGYAN_INSTANCE": str(folder), **{f"ZHENGYAN_{n}": v for n, v in values.items()}})


def test_nothing_set_is_a_working_start_on_this_machine_alone(tmp_path: Path) -> None:
    config = settings(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path / 'zhengyan.db'}"
    assert (config.host, config.port, config.timezone) == ("127.0.0.1", 5000, "Asia/Shanghai")


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = settings(tmp_path).secret_key
    assert settings(tmp_path).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert len(first) == 64


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert settings(tmp_path / "a").secret_key != settings(tmp_path / "b").secret_key


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("f" * 40 + "\n", encoding="utf-8")
    assert settings(tmp_path, SECRET_KEY_FILE=str(file)).secret_key == "f" * 40
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(("host", "secure"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_beyond_this_machine_the_cookie_needs_https(tmp_path: Path, host: str, secure: bool) -> None:
    assert settings(tmp_path, HOST=host).cookie_secure is secure


@pytest.mark.parametrize(("host", "security"), [("127.0.0.1", "none"), ("mail.example.com", "starttls")])
def test_mail_over_a_network_is_encrypted(tmp_path: Path, host: str, security: str) -> None:
    assert settings(tmp_path, SMTP_HOST=host).smtp_security == security


BAD = {
    "PORT": "99999",
    "TIMEZONE": "Mars/Olympus",
    "DATABASE_URL": "mysql://localhost/x",
    "SECRET_KEY": "short",
    "CHANNEL": "pigeon",
    "COOKIE_SECURE": "perhaps",
    "SMTP_FROM": "nobody",
    "SMTP_PORT": "twenty-five",
    "SMTP_SECURITY": "some",
    "LOGIN_LIMIT": "often",
    "HOST": "",
    "SESSION_HOURS": "0",
    "SECRET_KEY_FILE": "/no/such/file",
    "MAX_REQUEST_KB": "-1",
    "WEBHOOK_URL": "http://sms.example.com/send",
    "PERMIT_KEYS": "k1=short",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_stops_the_start_and_names_the_variable(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"ZHENGYAN_{name}"):
        settings(tmp_path, **{name: BAD[name]})


URL = "https://sms.example.com/send"


@pytest.mark.parametrize(
    ("values", "missing"),
    [({}, "WEBHOOK_URL"), ({"WEBHOOK_URL": URL}, "WEBHOOK_SECRET"), ({"WEBHOOK_SECRET": "s" * 40}, "WEBHOOK_URL")],
)
@pytest.mark.parametrize("channel", ["webhook", "smtp+webhook"])
def test_messages_are_handed_over_only_with_an_address_and_a_secret(
    tmp_path: Path, channel: str, values: dict[str, str], missing: str
) -> None:
    with pytest.raises(ConfigError, match=f"ZHENGYAN_{missing}"):
        settings(tmp_path, CHANNEL=channel, **values)


def test_a_receiver_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    config = settings(tmp_path, CHANNEL="webhook", WEBHOOK_URL="http://127.0.0.1:8080/", WEBHOOK_SECRET="s" * 40)
    assert (config.webhook_url, config.webhook_secret) == ("http://127.0.0.1:8080/", "s" * 40)


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    config = settings(tmp_path, WEBHOOK_SECRET="s" * 40, PERMIT_KEYS=f"k2={'n' * 40},k1={'o' * 40}")
    assert not {"s" * 40, "n" * 40} & set(repr(config).replace("'", " ").split())
