"""A folder outside the project for what is dear to compute and safe to lose: compiled tables and passed pack checks.

What lies there is believed: it says what a text is looked at for, and that a pack has passed its own cases. So nothing
is taken from a folder or a file that somebody else could have written.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DATE = "\0date"
"""The only key of an object that stands for a date, as JSON has none. A file with such a key is not stored."""


def cache_folder() -> Path:
    """``ZHENGYAN_CACHE_DIR``, else ``zhengyan`` in the user's cache folder."""
    named = os.environ.get("ZHENGYAN_CACHE_DIR")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zhengyan"


def find_cached(name: str) -> Path:
    """Where it lies. Raises ``OSError`` where it does not, or where somebody else could have put it there."""
    folder = cache_folder()
    for place in (folder, folder / name):
        about = place.stat()
        if os.name == "posix" and (about.st_uid not in (0, os.geteuid()) or about.st_mode & stat.S_IWOTH):
            raise PermissionError(f"{place} is not ours alone: nothing is taken from there")
    return folder / name


def read_cached(name: str) -> bytes | None:
    """The stored bytes, or ``None`` where there are none, they cannot be read or they are not to be believed."""
    try:
        return find_cached(name).read_bytes()
    except OSError:
        return None


def write_cached(name: str, content: bytes) -> None:
    """Store for the next start. A folder that cannot be written costs time, not correctness, so it is let pass."""
    import tempfile  # most starts find all that they read

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(folder / name)  # atomic: a second process sees the old file or the new one
    except OSError:
        return


def keep_arrays(name: str, make: Callable[[], Mapping[str, NDArray[Any]]]) -> Mapping[str, NDArray[Any]]:
    """What ``make`` gives, from the cache where it lies there already."""
    import numpy as np  # whoever keeps arrays has it

    stored = read_cached(name)
    if stored is not None:
        try:
            return dict(np.load(io.BytesIO(stored), allow_pickle=False))
        except (ValueError, OSError, EOFError, BadZipFile):
            pass  # cut short by a full disk, say
    made, written = make(), io.BytesIO()
    np.savez(written, allow_pickle=False, **made)
    write_cached(name, written.getvalue())
    return made


def read_toml(file: Path) -> dict[str, Any]:
    """A TOML file; one that was read before comes from the cache as JSON, which takes a tenth of the time.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no TOML in UTF-8.
    """
    content = file.read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.toml.json"
    stored = read_cached(name)
    if stored is not None:
        try:
            found: dict[str, Any] = json.loads(stored, object_hook=_to_date)
            return found
        except ValueError:
            pass  # cut short by a full disk, say: the file itself is read again
    import tomllib  # most starts find all that they read

    parsed = tomllib.loads(content.decode("utf-8"))
    if _is_storable(parsed):
        write_cached(name, json.dumps(parsed, default=lambda day: {_DATE: day.isoformat()}).encode())
    return parsed


def _is_storable(value: Any) -> bool:
    """Whether JSON gives the value back as it was: dates are written in a way of our own, times and such are not."""
    if isinstance(value, dict):
        return _DATE not in value and all(map(_is_storable, value.values()))
    if isinstance(value, list):
        return all(map(_is_storable, value))
    return type(value) in (str, bool, int, float, date)


def _to_date(value: dict[str, Any]) -> Any:
    return date.fromisoformat(value[_DATE]) if _DATE in value else value
