"""Messages of the debtor, handed over by the system that received them."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from compliance import rights
from web.actor import actor
from web.api.document import documented
from web.api.reading import body_of, debtor_for
from web.api.shapes import InboundAnswer, InboundBody
from web.auth import requires
from web.state import state


@requires("collector", "officer", "admin")
@documented(InboundAnswer, body=InboundBody, status=201, errors=(401, 403, 404, 409, 422))
def receive_message(ref: str) -> ResponseReturnValue:
    """Keep a message of the debtor, masked; the answer names the requests that it seems to make."""
    body, edge = body_of(InboundBody), state()

    def work(session: Session) -> rights.Heard:
        return rights.receive_inbound(
            session, ref=body.id, debtor_id=debtor_for(session, ref).id, channel=body.channel, text=body.text,
            at=body.at, actor=actor().name, now=edge.clock(),
        )  # fmt: skip

    heard = edge.db.run(work)
    return jsonify(id=heard.message.ref, proposed=[one.type for one in heard.proposed]), 201


def add_routes(bp: Blueprint) -> None:
    bp.post("/debtors/<ref>/messages")(receive_message)
