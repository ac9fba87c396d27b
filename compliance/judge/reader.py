"""The learned second reader: a folded text and who it is for → how likely each decision and category is, and why.

A message is the sum of what its character n-grams weigh, each gram with one weight for everybody and one for the kind
of person addressed (a balance told to the debtor passes, to a colleague it does not), and of what the findings of the
rules have proved worth on texts that no rule was written from. ``training.py`` makes the
weights from ``compliance/corpus``; numpy alone reads them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.judge.cache import find_cached, read_toml, write_cached
from compliance.judge.calibration import HEADS, NOTES, Calibration, Floats, chances_apart, chances_of
from compliance.judge.combine import Thresholds, decide, explain
from compliance.judge.core import SIGNED, core_of, is_signed
from compliance.judge.grams import LONGEST, ROW, Ids, Vocabulary, lay_out
from compliance.judge.heaviest import find_heaviest, one_a_character
from compliance.judge.native import Loop
from compliance.judge.parts import cut_parts, members_of, tell_parts
from compliance.judge.text import Text, View
from compliance.judge.types import CATEGORIES, Citation, Decision, Finding, Message, Span

SHIPPED = Path(__file__).parent / "data" / "reader-cn.npz"
LANES = {"debtor": 0, "liable_third_party": 0, "other_third_party": 1, "internal": 2}
"""Audiences that are read alike: who owes, who does not, and a note for the file."""
_LIKELY = 0.5
"""Below this chance a category is told as the nearest, without a figure: one of 15 % explains nothing."""
_SIGNED_ALONE = (SIGNED,)
_SENTENCE_END = re.compile(r"[。！？!?；;\n…]+")


def lane_of(message: Message) -> int:
    """The lane of a message; an unknown audience is read as somebody who does not owe, the stricter reading."""
    return NOTES if message.channel == "note" else LANES.get(message.audience, 1)


def signs_of(findings: Iterable[Finding]) -> set[str]:
    """What the reader knows findings of rules by: each rule, and each category with its decision."""
    return {sign for found in findings for sign in (found.rule, f"{found.category}/{found.decision}")}


def signs_in(plain: str, found: Collection[Finding] = ()) -> Collection[str]:
    """The signs of a folded message in which the rules have found this; most messages have none or one."""
    signed = _SIGNED_ALONE if is_signed(plain) else ()
    return {*signs_of(found), *signed} if found else signed


def view_for_reading(text: Text) -> View:
    """The view with most disguises undone: the rewritten one, else the joined one, else the folded text."""
    if len(text.views) == 1:
        return text.views[0]
    by_kind = {view.kind: view for view in text.views}
    return by_kind.get("rewritten") or by_kind.get("joined") or text.views[0]


@dataclass(frozen=True)
class Model:
    """The weights of a trained reader."""

    vocabulary: Vocabulary
    rows: NDArray[Any]
    """lane × gram of ``ROW``."""
    scales: Floats
    """lane × head."""
    signs: Mapping[str, Floats]
    """A sign of the rules (``signs_of``) → what it adds to each head; one unknown adds nothing."""
    intercepts: Floats
    """lane × head."""
    calibration: Calibration
    thresholds: Thresholds
    version: str

    @property
    def weights(self) -> NDArray[np.int8]:
        """lane × gram × head, a byte each, in steps of ``scales``."""
        weights: NDArray[np.int8] = self.rows["weights"][:, :, : self.scales.shape[1]]
        return weights

    @property
    def squares(self) -> Floats:
        """The square of each gram's own weight, the same for all lanes."""
        squares: Floats = self.rows[0]["square"]
        return squares

    def raw_scores(self, plain: str, lane: int, signs: Iterable[str] = ()) -> Floats:
        """The uncalibrated ``SCORES`` of a text, 0 being in between; what rules found speaks for the whole alone."""
        ids, known = self.vocabulary.find(plain)
        found, parts = ids[known], cut_parts(plain)
        members = np.ones((1, len(found)), np.float32) if parts is None else members_of(parts, known)
        scores = self.weigh(found, lane, members)
        told = tell_parts(scores if parts is None else scores[1:])
        added = self._add_up(signs)
        return np.concatenate((scores[0] if added is None else scores[0] + added, told))

    def read(self, plain: str, lane: int, signs: Collection[str]) -> tuple[Floats, tuple[float, float, float]]:
        """The ``SCORES`` of a text and the chances of allow, review and block; compiled code does it where it can."""
        loop = self.loops[lane]
        if loop is not None:
            scores, odds = loop.read(plain, self._add_up(signs))
            return scores, chances_of(odds, lane)
        scores = self.raw_scores(plain, lane, signs)
        return scores, self.calibration.decisions(scores, lane)

    def _add_up(self, signs: Iterable[str]) -> Floats | None:
        """What the findings of the rules add to each head."""
        if signs is _SIGNED_ALONE:
            return self.signs.get(SIGNED)
        known = [self.signs[sign] for sign in sorted(signs) if sign in self.signs]
        return reduce(np.add, known) if known else None

    def categories(self, scores: Floats, lane: int) -> list[float]:
        """The chance of each category, for the scores of a text; again by compiled code where it can."""
        loop = self.loops[lane]
        return self.calibration.categories(scores, lane) if loop is None else chances_apart(loop.category_odds(scores))

    @cached_property
    def loops(self) -> tuple[Loop | None, ...]:
        """For each lane what does the same in compiled code, or ``None``."""
        found = self.calibration
        shared = {"mixture": found.weights, "kinds": found.category_weights}
        own = {"rows": self.rows, "scales": self.scales, "intercepts": self.intercepts}
        own |= {"biases": found.biases, "kind_biases": found.category_biases}
        return tuple(
            Loop.over(self.vocabulary, shared | {name: own[name][lane] for name in own})
            for lane in range(len(self.rows))
        )

    def weigh(self, known: Ids, lane: int, members: Floats) -> Floats:
        """Text × head for known grams, of which ``members`` (text × gram, 0 or 1) tells whose they are."""
        weights, squares = self.weights[lane, known].astype(np.float32), self.squares[known]
        # singly exact, but a hundred thousand of them are not added up in 32 bits
        norms = np.sqrt(np.maximum(members @ squares.astype(np.float64), 1.0)).astype(np.float32)
        scores: Floats = members @ weights * (self.scales[lane] / norms[:, None]) + self.intercepts[lane]
        return scores


@dataclass(eq=False)
class Score:
    """Calibrated probabilities for one text. Categories and spans are worked out only when asked for."""

    p_allow: float
    p_review: float
    p_block: float
    raw: Floats
    model: Model
    core: str
    start: int
    """Where ``core``, what was read, begins in the folded text."""
    lane: int

    @cached_property
    def categories(self) -> dict[str, float]:
        """The chance of each category."""
        return dict(zip(CATEGORIES, self.model.categories(self.raw, self.lane), strict=True))

    def span(self, head: str) -> tuple[int, int] | None:
        """The stretch of the folded text that weighed most for a head, half-open; ``None`` where none spoke for it."""
        number, loop = HEADS.index(head), self.model.loops[self.lane]
        if loop is None or max(self.core, default="") > "\uffff":  # the loop counts UTF-16 units
            heaviest = find_heaviest(self._gains(number))
        else:
            heaviest = loop.span(self.core, number)
        return heaviest and (heaviest[0] + self.start, heaviest[1] + self.start)

    @cached_property
    def _found(self) -> tuple[Ids, NDArray[np.bool_]]:
        return self.model.vocabulary.find(self.core)

    def _gains(self, head: int) -> NDArray[np.float64]:
        """For each character what it adds to a head: each known gram's weight, spread evenly over its characters."""
        ids, known = self._found
        scale = float(self.model.scales[self.lane, head])
        weights = np.where(known, self.model.weights[self.lane, ids, head] * scale, 0.0)
        units = len(self.core.encode("utf-16-le", "surrogatepass")) // 2
        steps, read = np.zeros(units + 1), 0
        for length in range(1, min(LONGEST, units) + 1):
            count = units - length + 1
            shares = weights[read : read + count] / length
            steps[:count] += shares
            steps[length : length + count] -= shares
            read += count
        return one_a_character(np.cumsum(steps[:-1]), self.core)


@dataclass(frozen=True)
class Reader:
    """A model and the citations for what it finds. Immutable, safe to share between threads."""

    model: Model
    cites: dict[str, tuple[Citation, ...]]

    @classmethod
    def load(cls, path: Path = SHIPPED, cites: dict[str, tuple[Citation, ...]] | None = None) -> Reader:
        """A trained reader. ``cites`` gives for each category what its findings cite.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is no model of this version.
        """
        return cls(load_model(path), cites or {})

    @property
    def version(self) -> str:
        return self.model.version

    def score(self, message: Message, plain: str, found: tuple[Finding, ...] = ()) -> Score:
        """How likely each decision and category is for a folded text in which the rules have found this."""
        lane, (start, end) = lane_of(message), core_of(plain)
        core = plain[start:end]
        raw, chances = self.model.read(core, lane, signs_in(plain, found))
        return Score(*chances, raw, self.model, core, start, lane)

    def settle(self, message: Message, text: Text, rule_findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The rules' findings and the reader's together: some soft ones lifted, some of the reader's added."""
        view = view_for_reading(text)
        if not any(map(str.isalnum, view.plain)):
            return rule_findings  # signs alone: nothing is said that could be read
        score = self.score(message, view.plain, rule_findings)
        p_allow = score.p_allow
        if rule_findings:
            proven = [self._proven(message, text, finding) for finding in rule_findings]
            rule_findings = tuple(finding for finding, _ in proven)
            p_allow = min(p_allow, *(alone for _, alone in proven))
        decision = decide(rule_findings, p_allow, score.p_block, self.model.thresholds)
        if decision is Decision.ALLOW:
            return ()
        ruling = explain(rule_findings, decision, score.categories, self.model.thresholds)
        added = tuple(self._finding(score, view, category, held, sure) for category, held, sure in ruling.added)
        return (*ruling.kept, *added)

    def _proven(self, message: Message, text: Text, finding: Finding) -> tuple[Finding, float]:
        """A soft block is no mere sign where its sentence, read alone, is confirmed; and how likely that may go out.

        A threat is one however much is written around it: the whole of a long message may read as harmless.
        """
        if not finding.soft or finding.decision is not Decision.BLOCK or finding.span is None:
            return finding, 1.0
        sentence = text.raw[slice(*_sentence_around(text.raw, finding.span))]
        if sentence == text.raw:
            return finding, 1.0
        alone = self.score(message, view_for_reading(Text.of(sentence)).plain, (finding,))
        confirmed = alone.p_block >= self.model.thresholds.confirm
        return replace(finding, soft=False) if confirmed else finding, alone.p_allow

    def read(self, message: Message, text: Text, rule_findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """What the reader adds to the rules' findings."""
        return tuple(found for found in self.settle(message, text, rule_findings) if found.source == "reader")

    def _finding(self, score: Score, view: View, category: str, decision: Any, sure: float) -> Finding:
        place = score.span(category) or score.span("block")
        shown = "" if place is None else f"，最像的是“{view.plain[slice(*place)].strip()}”"
        kind = f"这里可能属于“{NAMES[category]}”，把握{sure:.0%}"
        if sure < _LIKELY:
            kind = f"不宜就这样发出，但说不准属于哪一类，较接近“{NAMES[category]}”"
        return Finding(
            rule=f"cn.reader.{category}",
            category=category,
            decision=decision,
            why=f"第二读者（从已标注案例学得）认为{kind}{shown}。",
            cites=self.cites.get(category, ()),
            span=_raw_span(view, place),
            source="reader",
            confidence=round(sure, 3),
        )


def _sentence_around(raw: str, span: Span) -> tuple[int, int]:
    start = max((end.end() for end in _SENTENCE_END.finditer(raw, 0, span.start)), default=0)
    after = _SENTENCE_END.search(raw, span.end)
    return start, after.end() if after else len(raw)


def _raw_span(view: View, place: tuple[int, int] | None) -> Span | None:
    return None if place is None else view.span(*place)


def read_cites(file: Path, known: Mapping[str, Citation]) -> dict[str, tuple[Citation, ...]]:
    """A pack's ``reader.toml``: what the reader's findings cite, by category.

    Raises:
        ValueError: a category without a citation, an unknown category, or a row that the pack does not have.
    """
    listed: dict[str, list[str]] = read_toml(file)["cites"]
    unknown = sorted(row for rows in listed.values() for row in rows if row not in known)
    if set(listed) != set(CATEGORIES) or not all(listed.values()) or unknown:
        raise ValueError(f"{file.name}: every category needs citations, and the pack has no row {unknown}")
    return {category: tuple(known[row] for row in listed[category]) for category in CATEGORIES}


NAMES = {
    "threat": "威胁恐吓", "insult": "侮辱谩骂", "exposure_threat": "曝光威胁", "third_party_disclosure": "向第三人泄露",
    "third_party_pressure": "向第三人施压", "pii_leak": "个人信息泄露", "impersonation": "冒充身份",
    "false_consequence": "虚假后果", "deception": "欺骗误导", "harassment": "骚扰滋扰", "improper_payment": "违规收款",
    "unlawful_data": "违规获取信息", "rights_denial": "剥夺权利", "vulnerability": "特殊群体",
    "missing_disclosure": "缺少告知",
}  # fmt: skip


def load_model(path: Path) -> Model:
    """Raises ``OSError`` or ``ValueError`` where there is no model of this version."""
    with np.load(path, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        if about.get("format") != FORMAT:
            raise ValueError(f"{path.name} is no model that this version reads: run `make train`")
        vocabulary, rows = _unpacked(path, stored)
        model = Model(
            vocabulary=vocabulary,
            calibration=Calibration(
                *(stored[part] for part in ("decisions", "biases", "categories", "category_biases"))
            ),
            thresholds=Thresholds.from_dict(about["thresholds"]),
            version=about["version"],
            signs=dict(zip(about["signs"], stored["sign_weights"], strict=True)),
            rows=rows,
            **{part: stored[part] for part in ("scales", "intercepts")},
        )
    _ = model.loops  # now, not in the first message: a compiler may have to run
    return model


def _unpacked(path: Path, stored: Mapping[str, Any]) -> tuple[Vocabulary, NDArray[Any]]:
    """The vocabulary and the rows, mapped from the cache where they lie: a message needs a few hundred of them."""
    name = sha256(path.read_bytes() + repr(ROW).encode()).hexdigest()[:32]
    try:
        marks, rows = _map_cached(f"{name}.marks.npy"), _map_cached(f"{name}.rows.npy")
        return Vocabulary(rows["key"][0], marks), rows
    except (OSError, ValueError, EOFError):  # not there yet, or emptied by a crash
        vocabulary = Vocabulary.of(stored["keys"])
        rows = lay_out(*(stored[part] for part in ("keys", "weights", "squares")))
        for kind, array in (("marks", vocabulary.marks), ("rows", rows)):
            unpacked = io.BytesIO()
            np.save(unpacked, array, allow_pickle=False)
            write_cached(f"{name}.{kind}.npy", unpacked.getvalue())
        return vocabulary, rows


def _map_cached(name: str) -> NDArray[Any]:
    # a plain array: every take from a memmap would make another memmap
    return np.asarray(np.load(find_cached(name), mmap_mode="r", allow_pickle=False))


def in_bytes(weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """lane × gram × head as bytes, and the scale of each lane and head."""
    scales = np.maximum(np.abs(weights).max(axis=1), 1e-6).astype(np.float32) / 127
    return np.round(weights / scales[:, None]).astype(np.int8), scales


def save_model(path: Path, model: Model) -> None:
    """The same model gives the same bytes."""
    about = {
        "format": FORMAT,
        "version": model.version,
        "thresholds": model.thresholds.to_dict(),
        "signs": list(model.signs),
    }
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            about=np.array(json.dumps(about, sort_keys=True)),
            keys=model.vocabulary.keys,
            weights=np.ascontiguousarray(model.weights),
            sign_weights=np.array(list(model.signs.values()), np.float32).reshape(-1, len(HEADS)),
            scales=model.scales,
            squares=np.ascontiguousarray(model.squares),
            intercepts=model.intercepts,
            decisions=model.calibration.weights,
            biases=model.calibration.biases,
            categories=model.calibration.category_weights,
            category_biases=model.calibration.category_biases,
        )


FORMAT = 5
