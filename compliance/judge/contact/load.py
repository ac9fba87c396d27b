"""Reading ``contact.toml``, ``rights.toml`` and ``rules.csv`` of a pack: all of it, or a list of every fault."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from compliance.judge.contact.days import find_zone
from compliance.judge.contact.planning import PLAN_SPECS, PlanSpec
from compliance.judge.contact.policy import Policy, Rule, Value
from compliance.judge.contact.reading import Table, check_dates
from compliance.judge.contact.recording import CALL_SPECS, CallSpec
from compliance.judge.contact.registry import SPECS, Spec
from compliance.judge.contact.requests import read_notices, read_requests
from compliance.judge.contact.visiting import VISIT_SPECS, VisitSpec
from compliance.judge.packs import PackError
from compliance.judge.rules import Fault
from compliance.judge.types import CONTACT_CATEGORIES, Citation, Decision

FILES = ("contact.toml", "rights.toml", "rules.csv")
FIRST_DAY = date.min
AnySpec = Spec | VisitSpec | CallSpec | PlanSpec


def load_policy(folder: Path, *, kept: bool = False) -> Policy:
    """The contact policy of the pack in ``folder``, whose name is the pack's.

    ``kept``: as it was at an earlier time. A rule that has been made since is missing there, and was not asked.

    Raises:
        PackError: with every fault found: a file, rule, value, number or citation that is missing, empty, unknown
            or switched off.
    """
    faults: list[Fault] = []
    citations = read_citations(folder / "rules.csv", faults)
    contact = Table(_read_toml(folder / "contact.toml", faults), "contact.toml", None, faults)
    rights = Table(_read_toml(folder / "rights.toml", faults), "rights.toml", None, faults)
    if faults:
        raise PackError(folder.name, faults)
    rules = _read_rules(contact, "rule", SPECS, f"{folder.name}.contact", citations, kept)
    policy = Policy(
        pack=folder.name,
        version=contact.take("version", "text", ""),
        digest=_digest(folder),
        default_zone=contact.take("default_zone", "text", ""),
        house_prefix=contact.take("house_prefix", "text", ""),
        missing=contact.explain("missing", frozenset({"rule", "day"})),
        rules=rules,
        requests=read_requests(rights, folder.name, citations),
        notices=read_notices(rights),
        call=_read_rules(contact, "call", CALL_SPECS, f"{folder.name}.call", citations, kept),
        plan=_read_rules(contact, "plan", PLAN_SPECS, f"{folder.name}.plan", citations, kept),
        visit=_read_rules(contact, "visit", VISIT_SPECS, f"{folder.name}.visit", citations, kept),
        turns=_turns(rules),
    )
    if find_zone(policy.default_zone) is None:
        contact.fault("default_zone", f"{policy.default_zone!r} is no time zone")
    contact.finish()
    rights.finish()
    if faults:
        raise PackError(folder.name, faults)
    return policy


def _read_rules(
    table: Table, kind: str, specs: Mapping[str, AnySpec], prefix: str, citations: Mapping[str, Citation], kept: bool
) -> dict[str, Rule]:
    """The tables ``[kind.NAME]``, exactly those of ``specs``; the id of each is ``prefix`` and its name.

    Of a pack that was ``kept`` some may be missing.
    """
    raw = (table.take_optional if kept else table.take)(kind, "table", {})
    for name in sorted(raw.keys() - specs.keys()):
        table.fault(f"{kind}.{name}", "is no rule of the contact policy")
    for name in sorted(specs.keys() - raw.keys()) if not kept else ():
        table.fault(f"{kind}.{name}", "is missing: no rule may be left out")
    return {
        name: _read_rule(Table(raw[name], table.file, name, table.faults), f"{prefix}.{name}", spec, citations)
        for name, spec in specs.items()
        if name in raw
    }


def _read_rule(table: Table, rule_id: str, spec: AnySpec, citations: Mapping[str, Citation]) -> Rule:
    category = table.choose("category", CONTACT_CATEGORIES)
    why = table.explain("why", spec.numbers)
    values = [
        _read_value(Table(raw, table.file, table.rule, table.faults), spec, citations)
        for raw in table.take("value", "tables", [])
    ]
    check_dates(table, [(value.since, value.until) for value in values])
    table.finish()
    return Rule(rule_id, category, why, tuple(values))


def _read_value(table: Table, spec: AnySpec, citations: Mapping[str, Citation]) -> Value:
    house = table.take_optional("house", "flag", False)
    decision = table.decide("decision")
    if decision is Decision.ALLOW and not (isinstance(spec, Spec) and spec.informs):
        table.fault("decision", "allow would switch this rule off")
    params = {name: table.take(name, kind) for name, kind in spec.params.items()}
    if "open" in params and params["open"] == params["close"]:
        table.fault("close", "must differ from open")
    value = Value(
        since=table.take("since", "day", FIRST_DAY),
        until=table.take_optional("until", "day"),
        decision=decision,
        cites=table.cite(citations, house),
        house=house,
        params=params,
    )
    table.finish()
    return value


def _turns(rules: Mapping[str, Rule]) -> tuple[date, ...]:
    return tuple(sorted({value.since for rule in rules.values() for value in rule.values}))


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for name in FILES:
        total.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return total.hexdigest()


def _read_toml(file: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(Fault(file.name, None, None, f"cannot be read as TOML in UTF-8: {error}"))
        return {}


def read_citations(file: Path, faults: list[Fault]) -> dict[str, Citation]:
    """The rows of a pack's ``rules.csv`` by id; none, and a fault, where it cannot be read."""
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            return {
                row["id"]: Citation(row["id"], row["instrument"], row["article"], row["confidence"])
                for row in csv.DictReader(rows)
            }
    except (OSError, KeyError, UnicodeDecodeError) as error:
        faults.append(Fault(file.name, None, None, f"no table with id, instrument, article, confidence: {error}"))
        return {}
