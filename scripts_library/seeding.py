"""Reading the scripts that ship with the project: TOML files of ``[[script]]`` tables, all faults named at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.judge.types import InvalidInput
from scripts_library.wording import KEY, Branch, ScriptHead, Wording, wording_faults

FOLDER = Path(__file__).parent / "seeds"
FIELDS = {
    "key", "stage", "scene", "title", "say", "why", "avoid", "must_say", "article", "channels", "products",
    "audience", "intent", "only", "covers", "corrects", "branches",
}  # fmt: skip
NEEDED = ("key", "stage", "scene", "title", "say", "why", "avoid", "must_say", "article", "covers")
LISTS = ("must_say", "article", "channels", "products", "only", "covers", "corrects")
_COVERS = re.compile(r"A\d{3}")
_CORRECTS = re.compile(r"B\d{2}")


@dataclass(frozen=True, slots=True)
class SeedScript:
    """One script as it ships. ``covers`` and ``corrects`` are rows of the two tables in ``seeds/README.md``."""

    head: ScriptHead
    wording: Wording
    covers: tuple[str, ...]
    corrects: tuple[str, ...] = ()
    """Bad advice of handbooks to which this is the lawful way."""

    @property
    def key(self) -> str:
        return self.head.key


def load_seeds(folder: Path = FOLDER) -> list[SeedScript]:
    """The scripts of all ``*.toml`` files of ``folder``, by file name and place in the file.

    Raises:
        InvalidInput: with every fault of every file, one a line, each naming its file and script.
    """
    faults: list[str] = []
    seeds: list[SeedScript] = []
    for path in sorted(folder.glob("*.toml")):
        for number, table in _tables(path, faults):
            where = f"{path.name}: {table.get('key', f'script {number}')}"
            wrong = _table_faults(table)
            if wrong:
                faults += [f"{where}: {fault}" for fault in wrong]
            else:
                seeds.append(_seed(table))
    faults += _repeated([seed.key for seed in seeds])
    faults += _leads_nowhere(seeds)
    if not seeds and not faults:
        faults.append(f"{folder.name}: no scripts")
    if faults:
        raise InvalidInput("\n".join(faults), code="seeds", field="seeds")
    return seeds


def _tables(path: Path, faults: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{path.name}: not TOML: {error}")
        return
    if unknown := sorted(set(document) - {"script"}):
        faults.append(f"{path.name}: unknown tables: {', '.join(unknown)}")
    yield from enumerate(document.get("script", []), 1)


def _table_faults(table: dict[str, Any]) -> list[str]:
    faults = [f"unknown field {name}" for name in sorted(set(table) - FIELDS)]
    faults += [f"{name} is missing" for name in NEEDED if not table.get(name)]
    faults += _type_faults(table)
    if faults:
        return faults
    if KEY.fullmatch(table["key"]) is None:
        faults.append("key must look like stage.scene.name")
    faults += [f"covers: {row} is not a row" for row in table["covers"] if _COVERS.fullmatch(row) is None]
    faults += [f"corrects: {row} is not a row" for row in table.get("corrects", ()) if _CORRECTS.fullmatch(row) is None]
    seed = _seed(table)
    return faults + [fault.message for fault in wording_faults(seed.head, seed.wording)]


def _type_faults(table: dict[str, Any]) -> list[str]:
    faults = []
    for name, value in table.items():
        if name in LISTS and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            faults.append(f"{name} must be a list of strings")
        elif name == "branches":
            if not (isinstance(value, dict) and all(isinstance(key, str) for key in value.values())):
                faults.append("branches must be a table of strings")
        elif name in FIELDS and name not in LISTS and not isinstance(value, str):
            faults.append(f"{name} must be a string")
    return faults


def _seed(table: dict[str, Any]) -> SeedScript:
    head = ScriptHead(
        key=table["key"],
        stage=table["stage"],
        scene=table["scene"],
        title=table["title"],
        channels=tuple(table.get("channels", ("call",))),
        products=tuple(table.get("products", ())),
        audience=table.get("audience", "debtor"),
        intent=table.get("intent"),
        only=tuple(table.get("only", ())),
    )
    wording = Wording(
        say=table["say"].strip(),
        why=table["why"],
        avoid=table["avoid"],
        must_say=tuple(table["must_say"]),
        article=tuple(table["article"]),
        branches=tuple(Branch(answer, key) for answer, key in table.get("branches", {}).items()),
    )
    return SeedScript(head, wording, tuple(table["covers"]), tuple(table.get("corrects", ())))


def _leads_nowhere(seeds: list[SeedScript]) -> list[str]:
    keys = {seed.key for seed in seeds}
    return [
        f"{seed.key}: branches: there is no script {branch.key}"
        for seed in seeds
        for branch in seed.wording.branches
        if branch.key not in keys
    ]


def _repeated(keys: list[str]) -> list[str]:
    return [f"{key}: the key is used twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
