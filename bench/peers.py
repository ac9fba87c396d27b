"""What others do on the same messages: a word filter in Python, and Presidio where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

INSTALL = "Presidio is not installed, so it is left out: .venv/bin/python -m pip install -r requirements-bench.txt"
_END = ""


class WordFilter:
    """The usual filter for forbidden words: a tree of characters, walked from every place of the text."""

    def __init__(self, words: Iterable[str]) -> None:
        self._root: dict[str, Any] = {}
        for word in words:
            node = self._root
            for char in word:
                node = node.setdefault(char, {})
            node[_END] = True

    def find(self, text: str) -> list[tuple[int, int]]:
        """The longest word at every place where one begins."""
        found = []
        for start in range(len(text)):
            node, end = self._root, 0
            for at in range(start, len(text)):
                if text[at] not in node:
                    break
                node = node[text[at]]
                if _END in node:
                    end = at + 1
            if end:
                found.append((start, end))
        return found


def make_presidio(patterns: Sequence[str]) -> Callable[[str], object]:
    """An analyzer with Presidio's own Chinese recognisers, and with ``patterns`` as one recogniser's list if any.

    A blank spaCy pipeline stands for the model: nothing is downloaded, and no entity model slows it down.
    Raises ``ImportError`` where Presidio is not installed.
    """
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):  # type: ignore[misc,unused-ignore]  # its package may be absent
        def __init__(self) -> None:
            super().__init__(models=[{"lang_code": "zh", "model_name": "blank"}])
            self.nlp = {"zh": spacy.blank("zh")}

    tldextract.tldextract.TLD_EXTRACTOR.suffix_list_urls = ()  # the list in the package: nothing is fetched
    registry = RecognizerRegistry(supported_languages=["zh"])
    registry.load_predefined_recognizers(languages=["zh"])
    if patterns:
        listed = [Pattern(f"p{number}", pattern, 0.5) for number, pattern in enumerate(patterns)]
        registry.add_recognizer(PatternRecognizer("RULE", name="rules", supported_language="zh", patterns=listed))
    analyzer = AnalyzerEngine(nlp_engine=Blank(), registry=registry, supported_languages=["zh"])
    return lambda text: analyzer.analyze(text=text, language="zh")
