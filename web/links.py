"""The link to the debtor's page, as part of the words before they are judged."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from compliance import rights
from compliance.gate.types import TEXT_CHANNELS
from web.state import State

FOOTER = "核实身份、异议、投诉、约定联系时间："
"""Before the link, in the language of the messages, whichever the screen has."""
_LINE = re.compile(r"\n?[^\n]*/d/[0-9A-Z]{12}\s*$")
"""A line at the end that holds such a link already, from an earlier try of the same words."""


def link_for(edge: State, session: Session, outreach: str) -> str | None:
    """The link for an outreach about to be submitted under this id; ``None`` where no public address is set.

    It opens nothing until that outreach is permitted.
    """
    if not edge.config.public_url:
        return None
    code = rights.offer_code(session, edge.config.secret_key, outreach, edge.clock())
    return f"{edge.config.public_url}/d/{code}"


def with_link(edge: State, outreach: str, channel: str | None, text: str | None) -> str | None:
    """The words of a message with the link on a line of its own at the end, in the place of an earlier one."""
    if channel not in TEXT_CHANNELS or not text or not text.strip():
        return text
    with edge.db.write() as session:
        link = link_for(edge, session, outreach)
    if link is None:
        return text
    return f"{_LINE.sub('', text).rstrip()}\n{FOOTER}{link}"
