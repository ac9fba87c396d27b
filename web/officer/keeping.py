"""What has been kept long enough: the officer sees what would go and what is held, and has it erased."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from compliance.retention import erase, find_due, load_retention
from web.actor import actor
from web.auth import requires
from web.lawbook import rule_text
from web.state import state

SHOWN = 500
"""Lines of one page; the rest come when these are gone."""
AT_ONCE = 200
"""Debtors that one request erases: the command line has no such limit."""


def add_routes(bp: Blueprint) -> None:
    bp.get("/retention")(retention)
    bp.post("/retention")(erase_due)


@requires("officer")
def retention() -> ResponseReturnValue:
    policy, pack = load_retention(), state().config.jurisdiction
    with state().db.read() as session:
        due = find_due(session, policy, state().clock(), limit=SHOWN)
    laws = {period.what: [rule_text(pack, cite) for cite in period.cites] for period in policy.periods.values()}
    free = sum(not one.holds for one in due)
    return render_template("officer/retention.html", due=due, policy=policy, laws=laws, free=free)


@requires("officer")
def erase_due() -> ResponseReturnValue:
    """Only with the box ticked: what is erased does not come back."""
    if request.form.get("sure") != "yes":
        flash(_("请先勾选确认。没有删除任何内容。"), "danger")
        return redirect(url_for("officer.retention"), 303)
    done = erase(state().db, load_retention(), state().clock(), actor().name, limit=AT_ONCE)
    flash(
        _("已删除 %(words)s 段原文、%(people)s 人的个人信息；%(held)s 项因保留事由未删。",
          words=done.words, people=done.people, held=done.held), "success",
    )  # fmt: skip
    return redirect(url_for("officer.retention"), 303)
