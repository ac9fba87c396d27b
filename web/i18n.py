"""Chinese and English. The texts in code and templates are the Chinese ones; the catalogue holds the English."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, has_request_context, session
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from flask_login import current_user

from compliance import rights
from compliance.judge.citing import cite_articles
from web.labels import label
from web.naming import staff
from web.navigation import navigation, urgent
from web.state import state

LANGUAGES = {"zh": "中文", "en": "English"}
DIRECTORIES = "translations"


def init_app(app: Flask, timezone: str) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = DIRECTORIES
    Babel(app, default_locale="zh", default_timezone=timezone, locale_selector=language)
    app.jinja_env.filters.update(instant=instant, clock=clock, due=due, age=age, money=money, staff=staff)
    app.jinja_env.globals.update(
        languages=LANGUAGES,
        language=language,
        label=label,
        request_state=rights.state_of,
        navigation=navigation,
        urgent=urgent,
        is_house=is_house,
        cite_articles=cite_articles,
    )


def language() -> str:
    """``zh`` or ``en``: as chosen in the header, else the user's own, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = session.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    if current_user.is_authenticated and current_user.lang in LANGUAGES:
        return str(current_user.lang)
    return "zh"


def is_chinese() -> bool:
    return str(get_locale()).startswith("zh")


def instant(moment: datetime | None) -> str:
    """``11-22 09:41`` in the configured zone, with the year where it is not the present one; ``—`` for ``None``."""
    if moment is None:
        return "—"
    here, today = moment.astimezone(state().config.zone), state().clock().astimezone(state().config.zone)
    if here.date() == today.date():
        return str(_("今天 %(time)s", time=f"{here:%H:%M}"))
    return f"{here:%m-%d %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d %H:%M}"


def clock(moment: datetime) -> str:
    """The full instant with seconds and zone, for titles and the ledger."""
    return f"{moment.astimezone(state().config.zone):%Y-%m-%d %H:%M:%S %z}"


def due(moment: datetime | None) -> str:
    """How long until, or since, ``moment``, in the largest fitting unit."""
    if moment is None:
        return "—"
    seconds = (moment - state().clock()).total_seconds()
    amount = _span(abs(seconds))
    return str(_("还有 %(span)s", span=amount) if seconds >= 0 else _("%(span)s前", span=amount))


def age(moment: datetime) -> str:
    """How long something has lasted."""
    return _span(max((state().clock() - moment).total_seconds(), 0))


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return str(_("不到 1 分钟"))
    if minutes < 60:
        return str(_("%(n)s 分钟", n=minutes))
    if minutes < 48 * 60:
        return str(_("%(n)s 小时", n=minutes // 60))
    return str(_("%(n)s 天", n=minutes // (24 * 60)))


def money(amount: object) -> str:
    """``¥12,345.60``."""
    return f"¥{amount:,.2f}"


def is_house(why: str) -> bool:
    """Whether a finding is house policy, which is never shown as law."""
    return why.startswith(state().judge.policy.house_prefix)
