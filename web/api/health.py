"""Probes: is the process up, can it do its work."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from compliance.migrations import is_current
from web.auth import public
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


def add_routes(bp: Blueprint) -> None:
    bp.get("/healthz")(healthz)
    bp.get("/readyz")(readyz)
