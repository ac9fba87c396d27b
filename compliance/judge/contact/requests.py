"""Reading ``rights.toml``: what each kind of request does while it is open, until when it must be answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from compliance.judge.contact.policy import Clock, Extension, RequestRule, RequestValue, Review
from compliance.judge.contact.reading import Table, check_dates
from compliance.judge.types import CONTACT_CATEGORIES, Citation


def read_requests(table: Table, pack: str, citations: Mapping[str, Citation]) -> dict[str, RequestRule]:
    """All types of requests. Which types there must be is the business of the room that records them."""
    raw = table.take("request", "table", {})
    return {
        name: _read_request(Table(entry, table.file, f"request.{name}", table.faults), pack, name, citations)
        for name, entry in raw.items()
    }


def read_notices(table: Table) -> dict[str, str]:
    """Types of notices and their names; those that the policy itself asks for must be among them."""
    raw = table.take("notice", "table", {})
    notices = Table(raw, table.file, "notice", table.faults)
    for name in sorted({"outsourcing", "assignment"} - raw.keys()):
        notices.fault(name, "is missing: the contact policy asks for it")
    return {name: notices.take(name, "text", name) for name in raw}


def _read_request(table: Table, pack: str, name: str, citations: Mapping[str, Citation]) -> RequestRule:
    label = table.take("label", "text", name)
    category = table.choose("category", CONTACT_CATEGORIES)
    why = table.explain("why", frozenset({"day", "due"}))
    values = [
        _read_value(Table(raw, table.file, table.rule, table.faults), citations)
        for raw in table.take("value", "tables", [])
    ]
    check_dates(table, [(value.since, value.until) for value in values])
    table.finish()
    return RequestRule(f"{pack}.contact.request_{name}", category, why, label, tuple(values))


def _read_value(table: Table, citations: Mapping[str, Citation]) -> RequestValue:
    house = table.take_optional("house", "flag", False)
    clock = Table(table.take("clock", "table", {}), table.file, table.rule, table.faults)
    value = RequestValue(
        since=table.take("since", "day", date.min),
        until=table.take_optional("until", "day"),
        cites=table.cite(citations, house),
        house=house,
        unnamed=table.decide("unnamed"),
        named=table.decide("named"),
        elsewhere=table.decide("elsewhere"),
        clock=_read_clock(clock, citations),
        review=_read_review(table, citations),
    )
    table.finish()
    return value


def _read_clock(table: Table, citations: Mapping[str, Citation]) -> Clock:
    house = table.take_optional("house", "flag", False)
    days = table.take("days", "count", 1)
    extensions = tuple(
        _read_extension(Table(raw, table.file, table.rule, table.faults))
        for raw in table.take_optional("extensions", "tables", [])
    )
    longest = days
    for extension in extensions:
        if extension.days <= longest:
            table.fault("extensions", f"{extension.name}: {extension.days} days are no extension of {longest}")
        longest = extension.days
    clock = Clock(days, house, table.cite(citations, house), extensions)
    table.finish()
    return clock


def _read_review(table: Table, citations: Mapping[str, Citation]) -> Review | None:
    raw = table.take_optional("review", "table")
    if raw is None:
        return None
    review = Table(raw, table.file, table.rule, table.faults)
    clock = Table(review.take("clock", "table", {}), table.file, table.rule, table.faults)
    found = Review(review.take("days", "count", 1), review.cite(citations, False), _read_clock(clock, citations))
    review.finish()
    return found


def _read_extension(table: Table) -> Extension:
    extension = Extension(
        table.take("name", "text", ""), table.take("days", "count", 1), table.take("approval", "flag", True)
    )
    table.finish()
    return extension
