"""Where in a text a phrase stands: its clause, its sentence, who speaks, and whether it is denied, warned of or quoted.

Works on folded text. A denial reaches forward only to what it governs: it stops at 就, 否则, a condition or a new
clause, so that 再不还钱就坐牢 stays a threat. Offsets are those of the folded text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

_SENTENCE_END = re.compile(r"[。!?;!?;\n…]+")
_CLAUSE_MARK = re.compile(r"[，,:：()()—~]+")
_CLAUSE_BLANK = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_BLANK = re.compile(r"\s")
"""Looked for first: few short texts have one, and to look for the blank between two characters costs more."""
_TURN = re.compile(
    r"(?:^|[\n。!?！？…])\s*(?:\[)?(客户|债务人|借款人|对方|欠款人|持卡人|机主|客|我|催收员?|坐席|客服|员工)\s*[:：]"
)
_OTHERS = frozenset({"客户", "债务人", "借款人", "对方", "欠款人", "持卡人", "机主", "客"})

_FAR_DENIAL = re.compile(
    r"不会|绝不|决不|从不|从未|从没|没有|没说|没让|并未|未曾|不得|并不是|并非|不允许|不可以|不可|不能|不准|无权|严禁|禁止|请勿|切勿|"
    r"不要|不用|不必|不需要|不应|不该|拒绝|不存在|杜绝|不建议|不支持|不收|不是|无需|未经|没人|没有人|谁也不|不代表|不等于|不属于|不涉及|"
    r"唔会|唔可以|不曾|绝非|别"
)
_NEAR_DENIAL = re.compile(r"(?:不|没|未|勿|莫|别|冇|唔|非)(?:再|去|来|给|向|想|敢|会|要|被|主动|私自|擅自)?$")
_NO_DENIAL = re.compile(
    r"(?:别|还|你|您)?以为(?:我|我们)?不(?:会|敢|能)|再不|要不|是不是|不得不|不能不|会不会|能不能|要不要|可不可|不管|不论|不仅|不但|不光|不止|不只|不就是|不怕|不见得|有没有|不然|"
    r"不还|不接|不付|不理|不来|不处理|不说|还不|若不|如不|如果不|不知|不信|信不信|不用说|没完|没得|没那么|没法|没钱|不好意思|不是吗|别以为|"
    r"别怪|别逼|别让我|别等|别忘|别怕|不要以为|不要怪|不要逼|不是说|不是不|不是没|别想|不要想|特别|级别|区别|分别|别人|别的"
)
_STOPS_DENIAL = re.compile(r"就|否则|要不|不然|的话|才|但|却|而是|直接|马上|只好|只能|那|等着|再|以后|之后|之前")
_ALLOWED_AGAIN = re.compile(r"不会再|不要再|不得再|不用再|绝不再|不再|没有再|别再|没再")
_RHETORICAL = re.compile(r"(?:吗|么|嘛|吧)$")
_TAKEN_BACK = re.compile(r"前提|除非|不然|否则|不敢保证|不敢说|就是把|只不过|我就是|顺嘴|手滑")
"""A denial that stands on a condition, or goes on to do what it denies, is none."""
_CALLED_WRONG = re.compile(
    r"^[^。!?！？\n]{0,16}?(?:都是|都属|均属|均为|全是|是|属于|系|才是|属)?(?:不允许|违法|违规|犯法|不合法|不合规|假的|骗子|诈骗分子|骗局|"
    r"谣言|不对的|不应该|不被允许|没有的事|不存在|不可能|错的|不实|冒充的|伪造|不受法律)"
)
_WARNING = re.compile(
    r"谨防|警惕|提防|当心有|防范|切勿相信|不要相信|别信|勿信|别相信|请勿相信|轻信|勿点击|勿转账|不要点|诈骗电话|诈骗短信|"
    r"请(?:您)?(?:立即|直接|及时)?(?:报警|举报)|"
    r"(?:可以?|建议您?|直接|尽管|应当?)(?:向公安机关)?(?:报警|举报|拨打?110)|不是我(?:们|司|行)|致歉|道歉|抱歉|说得不合适|绝不护短|骗局|不受影响|骗人的|没有(?:这个|任何)?(?:权力|义务)|记过|停岗|反诈|(?:与|和)我(?:们|司|行)无关|如遇|如有人|凡是|碰到|遇到"
)
_REPORT = re.compile(
    r"(?P<other>(?:您|你|客户|债务人|借款人|持卡人|对方|其本人|本人|他|她|有人|网上|别人|人家|机主|家属|其母|其父|其妻|上家|同事|那个人|来电人|阁下)"
    r"(?:们)?[^，,。!?！？\s]{0,8}?(?:说|称|讲|问|骂|反映|提到|提及|原话|自称|声称|表示|投诉|担心|听说|收到|引用|扬言|威胁|喊|吼|哭诉|提出))"
    r"|(?P<own>(?:对|跟|和|向|同|告诉|告知|回|骂|吓|威胁|通知)(?:客户|其|他|她|对方|债务人|本人)[^，,。!?！？\s]{0,6}(?:说|称|讲|道|要|会|不)?|(?:我|我们|我司|我方|本人|坐席|催收员)[^，,。!?！？\s]{0,6}?"
    r"(?:说|回|答|讲|告知|告诉|骂|吓|威胁|表示|称|问)|已告知|告知其|回复他|告诉他|跟他说|对其说|称将)"
)
_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ('"', '"'), ("‘", "’"), ("《", "》"))
_AFTER_QUOTE = re.compile(
    r"^[^。!?\n]{0,6}?(?:这|那|的)?(?:句|种|样|类|些|条|张)?(?:话|说法|短信|截图|图片|电话|言论|不当言|提法|名义|字样|字眼|等词|的人)"
)


@dataclass(frozen=True)
class Layout:
    """The clauses, sentences, turns and quotations of one folded text."""

    plain: str
    channel: str = "sms"

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Half-open bounds that together cover the text; the closing mark belongs to its sentence."""
        return _cut(self.plain, _SENTENCE_END)

    @cached_property
    def clauses(self) -> list[tuple[int, int]]:
        """As the sentences, cut at commas, colons, brackets and blanks between Chinese characters as well."""
        ends = {end for _, end in self.sentences}
        ends.update(match.end() for match in _CLAUSE_MARK.finditer(self.plain))
        if _BLANK.search(self.plain) is not None:
            ends.update(match.end() for match in _CLAUSE_BLANK.finditer(self.plain))
        both = sorted(ends)
        return list(zip([0, *both[:-1]], both, strict=True))

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [start for start, _ in self.clauses]

    @cached_property
    def turns(self) -> list[tuple[int, str]]:
        """Where each turn of a written dialogue starts and who speaks in it."""
        named = [(match.start(), match.group(1)) for match in _TURN.finditer(self.plain)]
        return [(start, "debtor" if who in _OTHERS else "collector") for start, who in named]

    @cached_property
    def _turn_starts(self) -> list[int]:
        return [start for start, _ in self.turns]

    @cached_property
    def quotations(self) -> list[tuple[int, int]]:
        """Half-open bounds of what stands between quotation marks."""
        found: list[tuple[int, int]] = []
        for opening, closing in _QUOTES:
            start = self.plain.find(opening)
            while start >= 0:
                end = self.plain.find(closing, start + 1)
                if end < 0:
                    break
                found.append((start + 1, end))
                start = self.plain.find(opening, end + 1)
        return sorted(found)

    def sentence_number(self, offset: int) -> int:
        return max(bisect_right(self._sentence_starts, offset) - 1, 0)

    def sentence(self, offset: int) -> tuple[int, int]:
        return self.sentences[self.sentence_number(offset)]

    def clause(self, offset: int) -> tuple[int, int]:
        return self.clauses[max(bisect_right(self._clause_starts, offset) - 1, 0)]

    def unit(self, offset: int, scope: str) -> tuple[int, int]:
        """The clause, sentence or whole text around an offset."""
        if scope == "text":
            return 0, len(self.plain)
        return self.clause(offset) if scope == "clause" else self.sentence(offset)

    def speaker(self, offset: int) -> str:
        """``debtor`` inside a turn of the other side, else ``collector``."""
        if not self.turns:
            return "collector"
        number = bisect_right(self._turn_starts, offset) - 1
        return self.turns[number][1] if number >= 0 else "collector"

    def is_denied(self, start: int, end: int) -> bool:
        """Whether the collector denies or forbids the phrase, calls it wrong, or warns of it."""
        negated = self._is_negated(start) and not self._is_taken_back(end)
        return negated or self._is_called_wrong(end) or self._is_warned_of(start, end)

    def _is_negated(self, start: int) -> bool:
        clause_start, clause_end = self.clause(start)
        before = self.plain[clause_start:start][-24:]
        masked = _NO_DENIAL.sub(lambda match: "＿" * len(match.group()), before)
        if _NEAR_DENIAL.search(masked):
            return True
        denials = list(_FAR_DENIAL.finditer(masked))
        if not denials:
            return False
        last = denials[-1]
        between = _ALLOWED_AGAIN.sub("", before[last.start() :])[last.end() - last.start() :]
        if _STOPS_DENIAL.search(between) or "＿" in masked[last.end() :]:
            return False
        asked = _RHETORICAL.search(self.plain[start:clause_end].rstrip("，,。?？!！ ")) is not None
        return not (asked and last.group() in ("不是", "没有"))

    def _is_taken_back(self, end: int) -> bool:
        return _TAKEN_BACK.search(self.plain[end : self.sentence(max(end - 1, 0))[1]]) is not None

    def _is_called_wrong(self, end: int) -> bool:
        return _CALLED_WRONG.search(self.plain[end : self.sentence(max(end - 1, 0))[1]]) is not None

    def _is_warned_of(self, start: int, end: int) -> bool:
        sentence_start, sentence_end = self.sentence(start)
        outside = self.plain[sentence_start:start] + "＿" + self.plain[end:sentence_end]
        return _WARNING.search(outside) is not None

    def is_quoted(self, start: int, end: int) -> bool:
        """Whether the phrase is somebody else's: in quotation marks or reported, and not the collector's own words."""
        sentence_start, _ = self.sentence(start)
        quotation = self._quotation(start, end)
        if quotation is not None:
            reporter = self._last_reporter(self.sentence(quotation[0])[0], quotation[0])
            if reporter is not None:
                return reporter == "other"
            return _AFTER_QUOTE.search(self.plain[quotation[1] + 1 :][:24]) is not None
        from_start = sentence_start if self.channel == "note" else self.clause(start)[0]
        return self._last_reporter(from_start, start) == "other"

    @cached_property
    def _furthest_quoted(self) -> list[int]:
        """For each quotation where it or one that begins before it ends at the furthest."""
        return list(accumulate((end for _, end in self.quotations), max))

    def _quotation(self, start: int, end: int) -> tuple[int, int] | None:
        """The first quotation that holds the phrase."""
        at = bisect_left(self._furthest_quoted, end)
        return self.quotations[at] if at < len(self.quotations) and self.quotations[at][0] <= start else None

    def _last_reporter(self, start: int, end: int) -> str | None:
        reports = list(_REPORT.finditer(self.plain[start:end]))
        return str(reports[-1].lastgroup) if reports else None


def _cut(plain: str, mark: re.Pattern[str]) -> list[tuple[int, int]]:
    bounds = [match.end() for match in mark.finditer(plain)]
    if not bounds or bounds[-1] < len(plain):
        bounds.append(len(plain))
    return list(zip([0, *bounds[:-1]], bounds, strict=True))
