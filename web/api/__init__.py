"""JSON under ``/api/v1`` with a bearer token, and the probes of operators. One error shape for all."""

from __future__ import annotations

from flask import Blueprint

from web.api import calls, debtors, document, health, inbound, judging, links, outreach, plans, record

bp = Blueprint("api", __name__, url_prefix=document.PREFIX)
probes = Blueprint("probes", __name__)

bp.get("/openapi.json")(document.openapi_json)
for _rooms in (judging, links, outreach, debtors, inbound, plans, calls, record):
    _rooms.add_routes(bp)
for _blueprint in (bp, probes):
    health.add_routes(_blueprint)
bp.get("/metrics")(health.metrics)
