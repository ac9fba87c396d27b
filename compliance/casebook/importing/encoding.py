"""The encoding of a CSV file: UTF-8 with or without BOM, GBK and GB18030 are read, anything else is named.

GB18030 gives nearly any bytes a meaning, so what comes out must also look like Chinese: of the characters that
are not ASCII, most must be among the 3,755 common ones of GB 2312 (level 1).
"""

from __future__ import annotations

import codecs

from compliance.judge.types import InvalidInput

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SAMPLE = 200_000
"""Characters that are looked at."""


def decode(raw: bytes, file: str) -> str:
    """The text of ``raw``.

    Raises:
        InvalidInput: another encoding, named as far as it can be told.
    """
    name = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    if name is None and raw[:4000].count(0) > len(raw[:4000]) // 5:
        name = "UTF-16"
    if name is not None:
        raise _refusal(file, name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error.start
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        text = None
    if text is not None and _looks_chinese(text):
        return text
    raise _refusal(file, _name(raw, broken), raw.count(b"\n", 0, broken) + 1)


def _looks_chinese(text: str) -> bool:
    foreign = [character for character in text[:_SAMPLE] if not character.isascii()]
    common = sum(_is_common(character) for character in foreign)
    if common >= 0.6 * len(foreign):
        return True
    # Few characters may all be rare ones of a name; Latin letters read as GBK have a letter in their second byte.
    return len(foreign) < 8 and not any(character.encode("gb18030")[-1:].isalpha() for character in foreign)


def _is_common(character: str) -> bool:
    """Level 1 of GB 2312, or its punctuation and full-width forms."""
    encoded = character.encode("gb18030")
    return len(encoded) == 2 and encoded[1] >= 0xA1 and (encoded[0] in (0xA1, 0xA3) or 0xB0 <= encoded[0] <= 0xD7)


def _name(raw: bytes, broken: int) -> str:
    before = raw[:broken].decode("utf-8", errors="ignore")
    if sum(not character.isascii() for character in before) >= 3:
        return "UTF-8（其中有损坏的字节）"
    for encoding, first, last in (("Big5", 0xA4, 0xC6), ("Shift_JIS", 0x82, 0x97), ("EUC-KR", 0xB0, 0xC8)):
        if _share_of_lead_bytes(raw, encoding, first, last) > 0.7:
            return encoding
    return "Latin-1 或 Windows-1252" if broken < len(raw) and raw[broken] >= 0xA0 else "无法识别的编码"


def _share_of_lead_bytes(raw: bytes, encoding: str, first: int, last: int) -> float:
    """How many of the characters that are not ASCII are common ones of ``encoding``; 0 where it does not decode."""
    try:
        foreign = [character for character in raw.decode(encoding)[:_SAMPLE] if not character.isascii()]
    except UnicodeDecodeError:
        return 0.0
    common = sum(first <= character.encode(encoding)[0] <= last for character in foreign)
    return common / len(foreign) if len(foreign) > 3 else 0.0


def _refusal(file: str, name: str, line: int = 1) -> InvalidInput:
    return InvalidInput(
        f"{file}：第 {line} 行起不是 UTF-8 或 GBK，看来是 {name}；请另存为“CSV UTF-8”后再导入。",
        code="encoding",
        field="file",
    )
