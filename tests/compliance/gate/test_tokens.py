from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.gate.tokens import BadPermit, Permit, PermitKeys, RetiredKey, digest_recipient, digest_text, read, sign
from tests.compliance.gate.world import KEYS

OLD, NEW = f"2026a={'o' * 32}", f"2026b={'n' * 32}"
START = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
PERMIT = Permit(
    7, digest_text("您好"), digest_recipient("13800138000", "sms"), "sms", START, START + timedelta(hours=1), "ab12"
)


def test_what_is_signed_is_read() -> None:
    assert read(sign(PERMIT, KEYS), KEYS) == PERMIT


def test_a_key_that_is_no_longer_current_still_reads() -> None:
    rotated = PermitKeys("k2", {**KEYS.secrets, "k2": b"n" * 32})
    assert read(sign(PERMIT, KEYS), rotated) == PERMIT


def test_a_key_that_is_gone_does_not_read() -> None:
    with pytest.raises(BadPermit):
        read(sign(PERMIT, KEYS), PermitKeys("k2", {"k2": b"n" * 32}))


def test_it_says_that_its_key_is_gone() -> None:
    with pytest.raises(RetiredKey):
        read(sign(PERMIT, KEYS), PermitKeys("k2", {"k2": b"n" * 32}))


def test_keys_rotate() -> None:
    before, during, after = (PermitKeys.parse(text) for text in (OLD, f"{NEW},{OLD}", NEW))
    token = sign(PERMIT, before)
    assert read(token, during) == PERMIT
    assert read(sign(PERMIT, during), after) == PERMIT
    with pytest.raises(RetiredKey):
        read(token, after)


@pytest.mark.parametrize(
    "text", ["", "a", f"={'s' * 32}", f"a={'s' * 31}", f"{OLD},{OLD}", f"{OLD},", f"a b={'s' * 32}", f"é={'s' * 32}"]
)
def test_keys_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must read|at least 32"):
        PermitKeys.parse(text)


def test_another_secret_of_the_same_name_does_not_read() -> None:
    with pytest.raises(BadPermit):
        read(sign(PERMIT, KEYS), PermitKeys.from_secret("another secret"))


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_changed_byte_is_accepted(where: int, change: int) -> None:
    token = bytearray(sign(PERMIT, KEYS).encode())
    token[where % len(token)] ^= change
    changed = token.decode("latin-1")
    if _decoded(changed) == _decoded(sign(PERMIT, KEYS)):
        return  # the last digit of base64 has bits that mean nothing
    with pytest.raises(BadPermit):
        read(changed, KEYS)


def _decoded(token: str) -> list[bytes] | None:
    """The version, claims and signature, where they can be decoded."""
    try:
        version, body, signature = token.split(".")
        return [version.encode(), body.encode(), base64.urlsafe_b64decode(signature + "=")]
    except ValueError:
        return None


@pytest.mark.parametrize(
    "token", ["", ".", "v1..", "v1.e30.AA", "v1.W10.AA", "a.b.c.d", "v1." + "A" * 5_000 + ".A", "v1.é.é", "\udc00.a.b"]
)
def test_rubbish_is_not_a_permit(token: str) -> None:
    with pytest.raises(BadPermit):
        read(token, KEYS)


def test_claims_of_one_permit_do_not_go_with_the_signature_of_another() -> None:
    other = sign(Permit(8, *[getattr(PERMIT, f) for f in ("text", "recipient", "channel")], START, START, "x"), KEYS)
    mixed = ".".join(["v1", sign(PERMIT, KEYS).split(".")[1], other.split(".")[2]])
    with pytest.raises(BadPermit):
        read(mixed, KEYS)


def test_the_token_shows_neither_text_nor_recipient() -> None:
    body = sign(PERMIT, KEYS).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert "13800138000" not in json.dumps(claims)


@pytest.mark.parametrize("written", ["138 0013 8000", "138-0013-8000", " 13800138000 "])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    assert digest_recipient(written, "call") == digest_recipient("13800138000", "call")


def test_a_blank_inside_an_address_counts() -> None:
    assert digest_recipient("a b@example.com", "email") != digest_recipient("ab@example.com", "email")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        PermitKeys("k", {"k": b"short"})


def test_the_current_key_must_be_there() -> None:
    with pytest.raises(ValueError, match="current"):
        PermitKeys("k2", {"k1": b"x" * 32})


def test_keys_do_not_show_themselves() -> None:
    assert "secrets" not in repr(KEYS)
