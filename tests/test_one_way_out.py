"""One way out: every route and command that can cause contact is written down here and passes the gate.

The calls are read from the source. A route that comes to reach the gate, or to leave it, changes the list below; what
could carry words out of the house beside the gate is imported nowhere else.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from web.cli import COMMANDS

ROOT = Path(__file__).parent.parent
ROOMS = ("compliance", "scripts_library", "assistant", "web")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
GATE = {
    "submit": "compliance.gate.submit.submit",
    "redeem": "compliance.gate.permits.redeem",
    "release": "compliance.review.decisions.release",
    "try_again": "compliance.gate.undelivered.try_again",
    "dispatch": "compliance.gate.dispatch.dispatch_once",
}
"""The acts of the gate after which somebody may be contacted. Each judges under the debtor's lock."""
CAUSES_CONTACT = {
    "api.submit": {"submit"},
    "api.redeem": {"redeem"},
    "collector.send": {"submit"},
    "collector.note": {"submit"},
    "collector.outcome": {"submit"},  # why there is no recording is a note
    "collector.recording": {"submit"},
    "api.outcome": {"submit"},
    "api.recording": {"submit"},
    "collector.visit": {"submit"},  # the words of its sheet are a note
    "api.visit": {"submit"},
    "calls.open_": {"submit"},  # a call to dial
    "calls.say": {"submit"},  # a note to the officer, where somebody is in danger
    "calls.close": {"submit"},  # the note of the call
    "api.open_call": {"submit"},
    "api.call_turn": {"submit"},
    "api.call_close": {"submit"},
    "officer.decide": {"release"},
    "officer.send_again": {"try_again"},
    "command dispatch": {"dispatch"},
    "command serve": {"submit", "dispatch", "release"},  # --demo lives through a fortnight of a floor
}
WIRES = (
    *("smtplib", "http.client", "http.server", "urllib.request", "socket", "socketserver", "ftplib", "subprocess"),
    *(
        "requests",
        "httpx",
        "httpcore",
        "urllib3",
        "aiohttp",
        "asyncio",
        "websockets",
        "websocket",
        "paramiko",
        "twilio",
    ),
)
"""Modules with which something could leave this machine."""
MAY_WIRE = {
    "compliance/gate/channels/smtp.py": {"smtplib"},
    "compliance/gate/channels/webhook.py": {"http.client"},
}
HARMLESS = {
    ("web/cli/delivery.py", "socket"),  # asks for the host's name
    ("web/cli/serve.py", "socket"),  # names an option of the socket that listens
    ("compliance/judge/native.py", "subprocess"),  # has a compiler read one file of the project, before any message is
}


DEMO = "web.demo."


class Source:
    """One module: what its names stand for, and what each of its functions speaks of."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                self.names |= {(one.asname or one.name.split(".")[0]): one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                self.names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        self.functions = dict(self._functions(self.tree, self.name))

    def _functions(self, tree: ast.AST, name: str) -> Iterator[tuple[str, set[str]]]:
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                here = f"{name}.{node.name}"
                if not isinstance(node, ast.ClassDef):
                    yield here, {spoken for one in ast.walk(node) if (spoken := self._spoken(one))}
                yield from self._functions(node, here)

    def _spoken(self, node: ast.AST) -> str | None:
        """What a name or an attribute stands for; a method of an unknown thing is ``.name``."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, f"{self.name}.{node.id}")
        if isinstance(node, ast.Attribute):
            inner = node.value
            root = self._spoken(inner) if isinstance(inner, ast.Name | ast.Attribute) else None
            return f"{root}.{node.attr}" if root in PACKAGES else f".{node.attr}"
        return None


PACKAGES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES}


@cache
def sources() -> dict[str, Source]:
    return {source.name: source for source in map(Source, MODULES)}


@cache
def functions() -> dict[str, set[str]]:
    return {name: spoken for source in sources().values() for name, spoken in source.functions.items()}


@cache
def methods() -> dict[str, list[str]]:
    """``.name`` → every method of that name of a class of ours."""
    found: dict[str, list[str]] = {}
    for name in functions():
        owner, _, last = name.rpartition(".")
        if owner not in PACKAGES:
            found.setdefault(f".{last}", []).append(name)
    return found


def resolve(spoken: str, here: str = "") -> list[str]:
    """The functions that a name leads to, re-exports followed. Methods of the demo are only called by the demo."""
    for _ in range(5):
        if spoken in functions():
            return [spoken]
        module, _, last = spoken.rpartition(".")
        source = sources().get(module)
        if source is None or last not in source.names:
            found = methods().get(spoken, [])
            return [name for name in found if here.startswith(DEMO) or not name.startswith(DEMO)]
        spoken = source.names[last]
    return []


def reached(function: str) -> set[str]:
    """The acts of the gate that a function may come to."""
    seen, todo = set(), [function]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in GATE.values():
            todo += [one for spoken in functions().get(name, ()) for one in resolve(spoken, name)]
    return {act for act, name in GATE.items() if name in seen}


def written(function: Any) -> str:
    plain = inspect.unwrap(function)
    return f"{plain.__module__}.{plain.__qualname__}"


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, place in COMMANDS.items():
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, click.Group):
            yield from ((f"command {name} {sub}", one) for sub, one in command.commands.items())
        else:
            yield f"command {name}", command


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_every_act_of_the_gate_is_there() -> None:
    assert [name for name in GATE.values() if name not in functions()] == []


def test_what_can_cause_contact_is_written_down_and_passes_the_gate(app: Flask) -> None:
    found = {endpoint: reached(written(view)) for endpoint, view in app.view_functions.items()}
    found |= {name: reached(written(command.callback)) for name, command in commands()}
    assert {name: acts for name, acts in found.items() if acts} == CAUSES_CONTACT


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_else_can_carry_words_out(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    used = {wire for name in imported(path) for wire in WIRES if f"{name}.".startswith(f"{wire}.")}
    assert {one for one in used if (place, one) not in HARMLESS} <= MAY_WIRE.get(place, set())


@pytest.mark.parametrize(
    ("act", "rooms"),
    [
        (".deliver", ("compliance.gate.dispatch", "compliance.gate.channels")),
        ("compliance.gate.permits.issue", ("compliance.gate", "compliance.review")),
        ("compliance.gate.permits.renew", ("compliance.gate",)),
        ("compliance.gate.tokens.sign", ("compliance.gate",)),
        ("compliance.gate.rows.change", ("compliance.gate", "compliance.review")),
    ],
)
def test_only_the_gate_delivers_and_permits(act: str, rooms: tuple[str, ...]) -> None:
    meant = {act} if act.startswith(".") else {act, *resolve(act)}
    others = [
        name
        for name, spoken in functions().items()
        if not name.startswith(rooms) and any(one in meant or meant & set(resolve(one)) for one in spoken)
    ]
    assert others == []


def test_only_the_gate_makes_outreach() -> None:
    """Neither as an object nor by an ``insert``: whoever inserts into a table may not so much as name this one."""
    outreach = "compliance.gate.models.Outreach"
    makers = {
        name
        for name, source in sources().items()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (
            source.names.get(node.func.id) == outreach
            or (source.names.get(node.func.id) == "sqlalchemy.insert" and outreach in source.names.values())
        )
    }
    assert makers == {"compliance.gate.submit"}
