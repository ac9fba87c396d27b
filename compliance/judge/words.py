"""Chinese words behind one small interface: rjieba, or jieba where rjieba has no wheel (same dictionary, slower)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import lru_cache


def cut(plain: str) -> list[str]:
    """The words of a text in order; joined they are the text, nothing is lost."""
    return _cutter()(plain)


@lru_cache(maxsize=1)
def _cutter() -> Callable[[str], list[str]]:
    try:
        import rjieba
    except ImportError:
        return jieba_cut
    return lambda plain: list(rjieba.cut(plain))


def jieba_cut(plain: str) -> list[str]:
    """The same by jieba itself."""
    import jieba

    if not jieba.dt.initialized:
        jieba.setLogLevel("WARNING")
        jieba.dt.tmp_dir = tempfile.mkdtemp()  # its cache is a marshal file: not in a folder that others may write
    return list(jieba.cut(plain))
