"""The link to the debtor's page for a message that another system is about to submit."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from compliance.gate.checking import check_ref
from compliance.judge.types import InvalidInput
from web.api.document import documented
from web.api.reading import body_of
from web.api.shapes import LinkAnswer, LinkBody
from web.auth import requires
from web.links import link_for
from web.state import state


@requires("collector", "officer", "admin")
@documented(LinkAnswer, body=LinkBody, errors=(401, 403, 422))
def link() -> ResponseReturnValue:
    """The link to put into the text before it is submitted under this id; it opens once the outreach is permitted."""
    body, edge = body_of(LinkBody), state()
    check_ref(body.id, "id")
    with edge.db.write() as session:
        found = link_for(edge, session, body.id)
    if found is None:
        raise InvalidInput("没有设置公开地址（ZHENGYAN_PUBLIC_URL），不提供链接。", code="no_public_url")
    return jsonify(link=found)


def add_routes(bp: Blueprint) -> None:
    bp.post("/links")(link)
