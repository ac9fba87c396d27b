"""Every shipped script against the real judge: what collectors are handed must never be stopped."""

from __future__ import annotations

import pytest

from compliance.judge import load_judge
from compliance.judge.types import Message
from scripts_library.screening import FIRST_CONTACT, screen_wording
from scripts_library.seeding import SeedScript, load_seeds
from scripts_library.slots import fill, slots_in, worst_case_slots


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


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(
    "seed", [seed for seed in load_seeds() if "{agency}" in seed.wording.say], ids=lambda seed: seed.key
)
def test_words_that_name_an_agency_pass_as_its_own(seed: SeedScript, first: bool) -> None:
    stage = None if seed.head.stage == "any" else seed.head.stage
    for slots in worst_case_slots():
        for channel in seed.head.channels:
            text = fill(seed.wording.say, slots)
            message = Message(text, channel=channel, stage=stage, first_contact=first, agency=slots["agency"])
            verdict = load_judge("cn").screen(message)
            assert verdict.decision == "allow", [finding.rule for finding in verdict.findings]


def test_an_agency_has_a_first_message_that_names_no_figure() -> None:
    first = [one for one in load_seeds() if one.head.scene == FIRST_CONTACT and "sms" in one.head.channels]
    [agency] = [one for one in first if "{agency}" in one.wording.say]
    said = set(slots_in(agency.wording.say))
    assert {"agency", "creditor", "collector_no", "callback", "complaint_line"} <= said
    assert not said & {"amount", "principal", "interest", "fees", "days", "due_date"}
    assert "own_staff" not in agency.head.only
