"""``POST /screen``: the verdict on a text. Nothing is recorded."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from compliance.judge import load_judge
from compliance.judge.wire import message_from_dict, verdict_to_dict
from web.api.document import documented
from web.api.reading import body_of
from web.api.shapes import ScreenBody, VerdictAnswer
from web.auth import signed_in_lately
from web.state import state


@signed_in_lately
@documented(VerdictAnswer, body=ScreenBody)
def screen() -> ResponseReturnValue:
    """Judge a text without recording anything."""
    body = body_of(ScreenBody)
    judge = load_judge(body.pack) if body.pack else state().judge
    return jsonify(verdict_to_dict(judge.screen(message_from_dict(body.model_dump(exclude={"pack"})))))


def add_routes(bp: Blueprint) -> None:
    bp.post("/screen")(screen)
