"""Instruments and articles as people cite them.

A citation names its instruments and, in the same order, what of each: both are lists at ``;``, and the articles of one
instrument stand in one place of the list (``1024、1032``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_STANDARD = re.compile(r"[A-Z]+(/[A-Z]+)? ?[0-9]")
"""How the number of a standard begins (GB/T 45251-2025): it is cited without title marks."""
_REMARK = re.compile(r"(?P<title>.*?)(?P<remark>(?:\([^()]*\))*)")
_NUMBERS = re.compile(r"(?P<numbers>[0-9][0-9.]*(?:[-、,][0-9]+)*)(?P<rest>(?:\([^()]*\))*)")
_INSERTED = re.compile(r"(?P<article>[0-9]{2,})-(?P<nth>[1-9])")
"""An article put in later: 253-1 is 第253条之一, while 44-47 and 1-3 are ranges."""


def cite_articles(source: str, article: str) -> str:
    """``民法典; 个保法`` with ``1024、1032; 25`` gives 《民法典》第1024、1032条；《个保法》第25条.

    Where nobody can say which article belongs to which instrument, they follow in brackets after all of them. What is
    no number stays as it is.
    """
    pairs = pair_articles(source, article)
    if pairs is not None:
        return "；".join(_join(_title(title), _place(place)) for title, place in pairs)
    return f"{'、'.join(map(_title, _parts(source)))}（{'；'.join(map(_place, _parts(article)))}）"


def pair_articles(source: str, article: str) -> list[tuple[str, str]] | None:
    """Each instrument with what is cited of it, no instrument for the same as before; ``None`` where nobody can tell.

    Of one instrument everything is cited. Where there are more places than instruments, articles in a row are those of
    one: ``第三章; 1032; 1033`` of two instruments are a chapter of the first and two articles of the second.
    """
    titles, places = _parts(source), _parts(article)
    if len(places) > len(titles):
        places = list(_runs(places))
    if len(titles) == 1:
        titles += [""] * (len(places) - 1)
    return list(zip(titles, places, strict=True)) if len(titles) == len(places) else None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


def _is_plain(place: str) -> bool:
    """Whether it is articles and nothing but that."""
    found = _NUMBERS.fullmatch(place)
    return found is not None and not found["rest"]


def _runs(places: list[str]) -> Iterator[str]:
    """Neighbouring articles in one place."""
    run: list[str] = []
    for place in places:
        if run and not (_is_plain(run[-1]) and _is_plain(place)):
            yield "、".join(run)
            run = []
        run.append(place)
    yield "、".join(run)


def _title(text: str) -> str:
    """With title marks, unless it is a standard's number or only a remark in brackets."""
    found = _REMARK.fullmatch(text)
    if found is None or not found["title"] or _STANDARD.match(text):
        return text
    return f"《{found['title']}》{found['remark']}"


def _place(text: str) -> str:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return text
    numbers = found["numbers"].replace(",", "、")
    parts = [_INSERTED.fullmatch(part) for part in numbers.split("、")]
    inserted = [f"第{part['article']}条之{'一二三四五六七八九'[int(part['nth']) - 1]}" for part in parts if part]
    if len(inserted) == len(parts):
        return "、".join(inserted) + found["rest"]
    return f"第{numbers}条{found['rest']}"


def _join(title: str, place: str) -> str:
    """A blank keeps a bare standard's number apart from what follows."""
    return f"{title} {place}".strip() if not title.endswith(("》", ")")) else f"{title}{place}"
