"""Somebody's API client in a call, for the tests of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


@dataclass
class Line:
    """Somebody's API client, and the call they are in."""

    app: Flask
    token: str
    ref: str = ""

    def ask(self, verb: str, path: str, **rest: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **rest.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=verb, headers=headers, **rest)

    def open(self, who: str = "wang", **rest: Any) -> dict[str, Any]:
        body = {"debtor": f"D-{who}", "contact_point": f"M-{who}", **rest}
        answer = self.ask("POST", "/calls", json=body)
        assert answer.status_code == 201, answer.json
        opened: dict[str, Any] = answer.json or {}
        self.ref = opened["id"]
        return opened

    def say(self, seq: int, speaker: str, text: str, **rest: Any) -> TestResponse:
        body = {"seq": seq, "speaker": speaker, "text": text, **rest}
        return self.ask("POST", f"/calls/{self.ref}/turns", json=body)

    def said(self, seq: int, speaker: str, text: str, **rest: Any) -> dict[str, Any]:
        answer = self.say(seq, speaker, text, **rest)
        assert answer.status_code == 200, answer.json
        return answer.json or {}

    def hear(self, message: dict[str, Any], query: str = "") -> TestResponse:
        return self.ask("POST", f"/calls/{self.ref}/turns{query}", json=message)

    def state(self) -> dict[str, Any]:
        return self.ask("GET", f"/calls/{self.ref}").json or {}
