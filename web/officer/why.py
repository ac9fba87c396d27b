"""Why was this allowed? One verdict: what it was decided on, and whether it comes out the same again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from compliance.gate.record import restore_finding
from compliance.judge.types import Finding
from compliance.retrace import Explanation, explain, find
from web.auth import requires
from web.explaining import masked_inputs
from web.state import state

SHOWN = 30
"""Attempts that the page lists, the newest; the rest are in the whole of the inputs below them."""


@dataclass(frozen=True, slots=True)
class WhyPage:
    """An explanation for the page. ``reference`` is how it was asked for."""

    reference: str
    found: Explanation
    inputs: dict[str, Any] | None
    then: list[Finding]
    again: list[Finding] | None

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """The newest attempts that counted, newest first."""
        facts = self.found.inputs.facts if self.found.inputs else None
        return [
            {
                "at": one.at,
                "channel": one.channel,
                "state": one.state,
                "outcome": one.outcome,
                "point": one.contact_point,
            }
            for one in reversed(facts.attempts[-SHOWN:] if facts else ())
        ]


def add_routes(bp: Blueprint) -> None:
    bp.get("/why")(why)


@requires("officer", "admin")
def why() -> ResponseReturnValue:
    """``?outreach=`` is the sender's id, or ``#`` and the number."""
    reference = request.args.get("outreach", "")[:120]
    with state().db.read() as session:
        found = explain(session, state().judge, find(session, reference))
    return render_template("officer/why.html", page=_page(reference, found))


def _page(reference: str, found: Explanation) -> WhyPage:
    again = [restore_finding(one) for one in found.again["findings"]] if found.again else None
    then = [restore_finding(one) for one in found.then["findings"]]
    return WhyPage(reference, found, masked_inputs(found), then, again)
