"""What the rooms may know of each other, read from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RANK = {"compliance": 0, "scripts_library": 1, "assistant": 2, "web": 3}
LOWER_ROOMS = ("compliance", "scripts_library", "assistant")
MODULES = sorted(path for room in RANK for path in (ROOT / room).rglob("*.py"))
JUDGE = [path for path in MODULES if path.is_relative_to(ROOT / "compliance/judge")]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def room(name: str) -> str:
    return name.split(".")[0]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_run_one_way(path: Path) -> None:
    here = RANK[path.relative_to(ROOT).parts[0]]
    upward = [name for name in imports(path) if RANK.get(room(name), -1) > here]
    assert upward == []


@pytest.mark.parametrize("path", JUDGE, ids=named)
def test_the_judge_imports_nothing_of_ours_and_no_database(path: Path) -> None:
    foreign = [
        name
        for name in imports(path)
        if (room(name) in RANK and not name.startswith("compliance.judge"))
        or room(name) in {"sqlalchemy", "flask", "alembic", "time", "socket", "requests"}
    ]
    assert foreign == []


@pytest.mark.parametrize("path", [p for p in MODULES if p.relative_to(ROOT).parts[0] in LOWER_ROOMS], ids=named)
def test_only_the_edge_knows_flask_and_the_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    clocks = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"datetime.now", "date.today", "datetime.utcnow"}
    ]
    assert clocks == []
    assert not any(room(name).startswith("flask") for name in imports(path))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_files_and_functions_stay_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    long_functions = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    if "migrations" not in path.parts:
        assert long_functions == []
    assert source.count("\n") <= 400
