"""Every shipped script against the real judge: what collectors are handed must never be stopped."""

from __future__ import annotations

import pytest

from compliance.judge import load_judge
from scripts_library.screening import screen_wording
from scripts_library.seeding import SeedScript, load_seeds


@pytest.mark.parametrize("seed", load_seeds(), ids=lambda seed: seed.key)
def test_a_shipped_script_passes(seed: SeedScript) -> None:
    screened = screen_wording(load_judge("cn"), seed.head, seed.wording.say)
    found = [(finding.rule, finding.why) for finding in screened.verdict.findings]
    assert screened.verdict.decision == "allow", found


def test_the_avoided_words_are_not_what_is_judged() -> None:
    """不要说 names what is forbidden; judging it would stop every script."""
    seed = next(seed for seed in load_seeds() if "老赖" in seed.wording.avoid)
    assert "老赖" not in screen_wording(load_judge("cn"), seed.head, seed.wording.say).message.text


def test_a_wording_is_judged_on_every_channel_and_stage(word_judge) -> None:  # type: ignore[no-untyped-def]
    seed = next(seed for seed in load_seeds() if seed.key == "any.scam.warning.sms")
    screen_wording(word_judge, seed.head, seed.wording.say)
    asked = {(message.channel, message.stage) for message in word_judge.screened}
    assert asked == {(channel, stage) for channel in ("sms", "im") for stage in ("initial", "middle", "late", "final")}
