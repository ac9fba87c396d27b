"""The bench runs and says what it promises; how fast anything is no test can say."""

import pytest

from bench import __main__ as command
from bench import judging
from bench.messages import SMS, make_half, make_mixed, make_random, make_sms
from bench.peers import WordFilter
from bench.timing import Engine, Figures, median, take_turns


def test_a_quick_run_prints_every_set_and_a_verdict_on_every_target(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["judge", "--quick"])
    printed = capsys.readouterr().out
    assert [name for name in ("sms", "mixed", "random", "half") if f"\n{name} " not in printed] == []
    assert sum(line.startswith(("met ", "MISSED ")) for line in printed.splitlines()) >= 8


def test_the_same_seed_makes_the_same_messages() -> None:
    assert make_mixed(50) == make_mixed(50)


def test_a_short_message_is_about_seventy_characters() -> None:
    lengths = sorted(map(len, make_sms(500)))
    assert lengths[250] == SMS
    assert lengths[-5] <= 2 * SMS  # a violation that is spread out with signs


def test_half_matched_texts_hold_no_whole_phrase() -> None:
    assert all("坐牢" not in text for text in make_half(50, ["坐牢", "上门催收"]))


def test_a_beginning_that_is_itself_found_is_left_out_and_so_is_a_text_where_two_make_a_whole() -> None:
    texts = make_half(20, ["坐牢吧", "上门催收", "门上坐"], lambda text: "坐牢" in text or "门上" in text)
    assert {char for text in texts for char in text} == set("上门催")


def test_random_words_are_chinese() -> None:
    assert all("\u3400" <= char <= "\u9fff" for text in make_random(20) for char in text)


def test_the_word_filter_finds_the_longest_word() -> None:
    assert WordFilter(["坐牢", "坐", "坐牢房"]).find("去坐牢房") == [(1, 4)]


def test_engines_take_turns_on_the_same_messages() -> None:
    seen: list[tuple[str, str]] = []
    engines = [Engine(name, lambda text, name=name: seen.append((name, text))) for name in ("a", "b")]
    take_turns(engines, ["1", "2"], rounds=2)
    assert seen[-4:] == [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")]


def test_medians_are_taken_figure_by_figure() -> None:
    assert median([Figures(1, 9, 3), Figures(2, 8, 1), Figures(3, 7, 2)]) == Figures(2, 8, 2)


@pytest.mark.parametrize(
    ("measured", "at_least", "line"),
    [
        (5.9, False, "met     x: 5.9× (≤ 6×)"),
        (6.1, False, "MISSED  x: 6.1× (≤ 6×)"),
        (5.9, True, "MISSED  x: 5.9× (≥ 6×)"),
    ],
)
def test_a_target_says_whether_it_is_met(measured: float, at_least: bool, line: str) -> None:
    assert str(judging.Target("x", measured, 6, at_least=at_least)) == line


def test_a_quick_run_of_the_gate_says_what_a_decision_costs(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["gate", "--quick", "--sqlite"])
    printed = capsys.readouterr().out
    assert "sqlite over HTTP: gate" in printed
    assert "met     sqlite: limits exceeded: 0.0 times" in printed
    assert printed.count("decisions/s") == 5
