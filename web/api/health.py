"""Probes: is the process up, can it do its work."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from compliance.migrations import is_current
from web.auth import public, requires
from web.metrics import read_metrics
from web.state import state


@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@public
def readyz() -> ResponseReturnValue:
    """The database answers and is migrated, and a pack is loaded; 503 otherwise."""
    edge = state()
    database = edge.db.ping()
    checks = {"database": database, "schema": database and is_current(edge.db), "pack": edge.judge is not None}
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "not ready", checks=checks), 200 if ready else 503


@requires("officer", "admin")
def metrics() -> ResponseReturnValue:
    """Figures of operation for a Prometheus server that has a token."""
    edge = state()
    with edge.db.read() as session:
        return Response(read_metrics(session, edge.clock()), content_type=CONTENT_TYPE_LATEST)


def add_routes(bp: Blueprint) -> None:
    bp.get("/healthz")(healthz)
    bp.get("/readyz")(readyz)
