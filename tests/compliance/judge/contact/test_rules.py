"""Each rule of the contact policy: when it speaks, how it decides, when it is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from compliance.judge.facts import Agreement, AttemptFacts, ContactFacts, NoticeFacts, RequestFacts
from compliance.judge.types import CHANNELS, CONTACT_CATEGORIES, Decision, InvalidInput
from tests.compliance.judge.contact.people import (
    DAY,
    FRIEND,
    NOW,
    agreement,
    call,
    finding,
    judge,
    local,
    point,
    said,
    sent,
    with_,
)  # fmt: skip

ALLOW, REVIEW, BLOCK = Decision


def request(type: str, contact_point: str | None = None, at: datetime = NOW - DAY) -> RequestFacts:
    return RequestFacts("rq", type, at, NOW + 14 * DAY, contact_point)


@pytest.mark.parametrize("channel", [channel for channel in CHANNELS if channel != "visit"])
def test_nothing_stands_against_an_ordinary_contact(channel: str) -> None:
    ruling = judge(channel=channel)
    assert (ruling.findings, ruling.decision, ruling.next_allowed_at) == ((), ALLOW, NOW)


NIGHT = {"hours": BLOCK}
HOURS = [
    ("the first minute", (8, 0, 0), "call", {}),
    ("the last second", (21, 59, 59), "call", {}),
    ("ten at night", (22, 0, 0), "call", NIGHT),
    ("a second before eight", (7, 59, 59), "call", NIGHT),
    ("midnight", (0, 0, 0), "sms", NIGHT),
    ("a visit at night", (23, 0, 0), "visit", NIGHT),
    ("an e-mail at night", (23, 0, 0), "email", NIGHT),
    ("a letter has no hour", (23, 0, 0), "letter", {}),
    ("a note has no hour", (23, 0, 0), "note", {}),
]


@pytest.mark.parametrize(("clock", "channel", "expected"), [row[1:] for row in HOURS], ids=[row[0] for row in HOURS])
def test_quiet_hours(clock: tuple[int, int, int], channel: str, expected: dict[str, Decision]) -> None:
    assert said(judge(with_(visitors=2), channel, local(2026, 11, 18, *clock))) == expected


def test_quiet_hours_are_those_of_the_debtors_zone() -> None:
    now = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)  # 21:30 in Shanghai, 08:30 in New York
    assert said(judge(with_(timezone="America/New_York"), now=now)) == {}
    assert said(judge(with_(timezone="Asia/Tokyo"), now=now)) == NIGHT


@pytest.mark.parametrize("zone", [None, "", "Asia/Peking", "../etc/passwd"])
def test_an_unknown_zone_is_held(zone: str | None) -> None:
    assert said(judge(with_(timezone=zone))) == {"timezone": REVIEW}


def test_the_reason_names_the_numbers_and_the_articles() -> None:
    night = finding(judge(now=local(2026, 11, 18, 22, 15)), "hours")
    assert night.why == "债务人当地时间现为 22:15，只能在 08:00 至 22:00 之间联系。"
    assert [cite.rule for cite in night.cites] == ["CN-HOURS-01", "CN-HOURS-02", "CN-HOURS-03", "CN-VISIT-05"]
    assert night.next_allowed_at == local(2026, 11, 19, 8)


LATE = agreement(window_start=time(20), window_end=time(2))
AGREED = [
    ("agreed night", (LATE,), (1, 30), {}),
    ("agreed night is over", (LATE,), (2, 0), {"agreed_hours": BLOCK}),
    ("outside by day", (LATE,), (10, 0), {"agreed_hours": BLOCK}),
    ("without evidence", (replace(LATE, evidence=" "),), (1, 30), {"agreement": REVIEW, "hours": BLOCK}),
    ("half a window", (replace(LATE, window_end=None),), (10, 0), {"agreement": REVIEW}),
    ("an empty window", (replace(LATE, window_end=time(20)),), (10, 0), {"agreement": REVIEW}),
    ("not begun", (replace(LATE, since=NOW + DAY),), (1, 30), {"hours": BLOCK}),
    ("withdrawn", (replace(LATE, until=NOW - DAY),), (1, 30), {"hours": BLOCK}),
    ("the latest holds", (LATE, agreement(since=NOW - DAY, window_start=time(9), window_end=time(11))), (10, 0), {}),
    ("a wish about channels has no hours", (LATE, agreement(since=NOW - DAY, channels=("call",))), (1, 30), {}),
]


@pytest.mark.parametrize(("agreements", "clock", "expected"), [r[1:] for r in AGREED], ids=[r[0] for r in AGREED])
def test_agreed_hours(agreements: tuple[Agreement, ...], clock: tuple[int, int], expected: dict[str, Decision]) -> None:
    assert said(judge(with_(agreements=agreements), now=local(2026, 11, 18, *clock))) == expected


def test_withdrawn_consent_opens_no_night() -> None:
    facts = with_(agreements=(LATE,), requests=(request("consent_withdrawn"),))
    assert said(judge(facts, now=local(2026, 11, 18, 1))) == {"hours": BLOCK, "request_consent_withdrawn": REVIEW}


def test_the_debtors_consent_opens_nobody_elses_night() -> None:
    assert "hours" in said(judge(replace(FRIEND, agreements=(LATE,)), now=local(2026, 11, 18, 1)))


def test_only_the_channels_that_were_agreed() -> None:
    facts = with_(agreements=(agreement(channels=("sms", "im")),))
    assert (said(judge(facts)), said(judge(facts, "sms"))) == ({"agreed_channel": BLOCK}, {})


def test_the_agreed_frequency_counts_every_channel() -> None:
    facts = with_(agreements=(agreement(max_per_day=2),), attempts=(sent("im"), call()))
    assert said(judge(facts)) == {"agreed_frequency": BLOCK}


def test_an_agreement_never_raises_a_limit() -> None:
    facts = with_(agreements=(agreement(max_per_day=9),), attempts=(call("connected"),) * 3)
    assert said(judge(facts)) == {"calls": BLOCK}


EARLIER = timedelta(hours=1)
CALLS = [
    ("two connected", [call("connected")] * 2, {}),
    ("three connected", [call("connected")] * 3, {"calls": BLOCK}),
    ("three unknown", [call(None)] * 3, {"calls": BLOCK}),
    ("an unknown word", [call("???")] * 3, {"calls": BLOCK}),
    ("three by other numbers", [call("connected", contact_point=f"n{i}") for i in range(3)], {"calls": BLOCK}),
    ("three for other accounts", [call("connected", account=f"a{i}") for i in range(3)], {"calls": BLOCK}),
    ("three reserved", [call(None, state="permitted")] * 3, {"calls": BLOCK}),
    ("three given back", [call(None, state="expired")] * 3, {}),
    ("three blocked", [call(None, state="blocked")] * 3, {}),
    ("three yesterday", [call("connected", ago=DAY)] * 3, {}),
    ("three planned for tonight", [call(None, at=NOW + EARLIER, state="permitted")] * 3, {"calls": BLOCK}),
    ("four unanswered", [call()] * 4, {"attempts_near": ALLOW}),
    ("three unanswered", [call()] * 3, {}),
    ("five unanswered", [call("busy")] * 5, {"attempts_near": ALLOW}),
    ("six unanswered", [call("refused")] * 6, {"attempts": BLOCK}),
    ("six on another number", [call(contact_point="other")] * 6, {}),
    ("six voicemails", [call("voicemail")] * 6, {"attempts": BLOCK}),
    ("three hung up are both", [call("hung_up")] * 3 + [call()] * 3, {"calls": BLOCK, "attempts": BLOCK}),
    ("texts are no calls", [sent()] * 9, {}),
]


@pytest.mark.parametrize(("attempts", "expected"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_calls(attempts: list[AttemptFacts], expected: dict[str, Decision]) -> None:
    assert said(judge(with_(attempts=tuple(attempts)))) == expected


def test_calls_are_free_again_at_eight_the_next_day() -> None:
    ruling = judge(with_(attempts=(call("connected"),) * 3))
    assert finding(ruling, "calls").next_allowed_at == local(2026, 11, 19)
    assert ruling.next_allowed_at == local(2026, 11, 19, 8)


def test_full_days_to_come_are_passed_over() -> None:
    attempts = tuple(call(None, at=NOW + days * DAY, state="permitted") for days in (0, 1) for _ in range(3))
    assert judge(with_(attempts=attempts)).next_allowed_at == local(2026, 11, 20, 8)


TEXTS = [
    ("one today", "sms", [sent("email")], {"messages_day": REVIEW}),
    ("two this week", "im", [sent(at=NOW - DAY), sent(at=NOW - 6 * DAY)], {}),
    ("three this week", "im", [sent(at=NOW - n * DAY) for n in (1, 3, 6)], {"messages_week": REVIEW}),
    ("the eighth day is over", "im", [sent(at=NOW - n * DAY) for n in (1, 3, 7)], {}),
    ("eight days are no week", "sms", [sent(at=NOW + n * DAY) for n in (-6, -5, 1)], {}),
    ("three planned", "sms", [sent(at=NOW + n * DAY) for n in (1, 2, 3)], {"messages_week": REVIEW}),
    ("calls are no texts", "sms", [call("connected")] * 3, {}),
    ("a letter is no text", "letter", [sent()], {}),
]


@pytest.mark.parametrize(("channel", "attempts", "expected"), [r[1:] for r in TEXTS], ids=[r[0] for r in TEXTS])
def test_texts(channel: str, attempts: list[AttemptFacts], expected: dict[str, Decision]) -> None:
    assert said(judge(with_(attempts=tuple(attempts)), channel)) == expected


def test_the_limit_for_texts_is_shown_as_house_policy() -> None:
    assert finding(judge(with_(attempts=(sent(),)), "sms"), "messages_day").why.startswith("【机构策略，非法律规定】")


VISITS = [
    ("two come", {"visitors": 2}, {}),
    ("three come", {"visitors": 3}, {}),
    ("one comes", {"visitors": 1}, {"visitors": BLOCK}),
    ("four come", {"visitors": 4}, {"visitors": BLOCK}),
    ("nobody knows", {"visitors": None}, {"unknown_visitors": REVIEW}),
    ("a second visit", {"visitors": 2, "attempts": (sent("visit", outcome="visited"),)}, {"visits": BLOCK}),
    ("one yesterday", {"visitors": 2, "attempts": (sent("visit", at=NOW - DAY, outcome="visited"),)}, {}),
    (
        "one of which nothing was told",
        {"visitors": 2, "attempts": (sent("visit", at=NOW - DAY, outcome=None),)},
        {"visit_unrecorded": BLOCK},
    ),
    (
        "leave that ran out, of which nothing was told",
        {"visitors": 2, "attempts": (sent("visit", at=NOW - DAY, state="expired", outcome=None),)},
        {"visit_unrecorded": BLOCK},
    ),
    ("one still held", {"visitors": 2, "attempts": (sent("visit", at=NOW - DAY, state="held", outcome=None),)}, {}),
    ("one planned for tomorrow", {"visitors": 2, "attempts": (sent("visit", at=NOW + DAY, outcome=None),)}, {}),
]


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in VISITS], ids=[row[0] for row in VISITS])
def test_visits(changes: dict[str, Any], expected: dict[str, Decision]) -> None:
    assert said(judge(with_(**changes), "visit")) == expected


def days_of_silence(*ago: int) -> list[AttemptFacts]:
    return [call("powered_off", ago=n * DAY, contact_point="second", reserved_mobile=False) for n in ago]


RELAY = {"third_party_relay": REVIEW}
BARRED = {"third_party": BLOCK} | RELAY
LOST = [
    ("nothing tried", [], BARRED),
    ("three failed yesterday", [call(ago=DAY)] * 3, RELAY),
    ("three failed today", [call(ago=EARLIER)] * 3, BARRED),
    ("two failed", [call(ago=DAY)] * 2, BARRED),
    ("not the reserved mobile", [call(ago=DAY, reserved_mobile=False)] * 3, BARRED),
    ("number invalid", [call("invalid_number", ago=EARLIER)], RELAY),
    ("another number invalid", [call("invalid_number", ago=EARLIER, reserved_mobile=False)], BARRED),
    ("hung up in between", [call(ago=2 * DAY), call("hung_up", ago=DAY), *[call(ago=DAY)] * 2], BARRED),
    ("refused is not lost", [call("refused", ago=DAY)] * 5, BARRED),
    ("unknown is not lost", [call(None, ago=DAY)] * 5, BARRED),
    ("reached since", [*[call(ago=2 * DAY)] * 3, call("connected", ago=DAY)], BARRED),
    ("met since", [*[call(ago=2 * DAY)] * 3, sent("visit", at=NOW - DAY, outcome="visited")], BARRED),
    ("reached at the same instant", [*[call(ago=DAY)] * 3, call("connected", ago=DAY)], BARRED),
    ("a text reaches nobody", [*[call(ago=2 * DAY)] * 3, sent(at=NOW - DAY)], RELAY),
    ("three days in a row", days_of_silence(3, 2, 1), RELAY),
    ("the third day is not over", days_of_silence(2, 1, 0), BARRED),
    ("a day between", days_of_silence(4, 2, 1), BARRED),
    ("attempts that never went out", [call(ago=DAY, state="expired")] * 3, BARRED),
]  # fmt: skip


@pytest.mark.parametrize(("attempts", "expected"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_third_parties_only_when_the_debtor_is_lost(
    attempts: list[AttemptFacts], expected: dict[str, Decision]
) -> None:
    assert said(judge(replace(FRIEND, attempts=tuple(attempts)))) == expected


def test_a_request_shows_that_the_debtor_is_not_lost() -> None:
    facts = replace(FRIEND, attempts=(call(ago=2 * DAY),) * 3, requests=(request("pi_copy"),))
    assert "third_party" in said(judge(facts))


def test_three_failed_dials_count_from_the_next_day() -> None:
    assert judge(replace(FRIEND, attempts=(call(ago=EARLIER),) * 3)).next_allowed_at == local(2026, 11, 19, 8)


def test_waiting_does_not_lose_a_debtor() -> None:
    assert judge(FRIEND).next_allowed_at is None


GONE = replace(FRIEND, attempts=(call(ago=DAY),) * 3)
KNOWN = [
    ("refused", point(GONE, refused_at=NOW - 400 * DAY), RELAY | {"third_party_refused": BLOCK}),
    ("not named in advance", point(GONE, agreed_contact=False), RELAY | {"third_party_not_agreed": BLOCK}),
    ("nobody knows", point(GONE, agreed_contact=None), RELAY | {"unknown_third_party_agreement": REVIEW}),
    ("debtor died", replace(FRIEND, vulnerable=("deceased",)), RELAY | {"deceased_others": REVIEW}),
    ("debtor incapable", replace(FRIEND, vulnerable=("incapacity",)), RELAY | {"incapacity": REVIEW}),
    ("relation unknown", point(relation=None), {"unknown_relation": REVIEW}),
    ("relation misspelt", point(relation="wife"), {"unknown_relation": REVIEW}),
    ("liable, shown", point(relation="liable_third_party", liable_evidence="保证合同 3 条"), {}),
    ("liable, not shown", point(relation="liable_third_party", liable_evidence=" "), {"liable_evidence": REVIEW}),
]


@pytest.mark.parametrize(("facts", "expected"), [row[1:] for row in KNOWN], ids=[row[0] for row in KNOWN])
def test_whose_number_it_is(facts: ContactFacts, expected: dict[str, Decision]) -> None:
    assert said(judge(facts)) == expected


def notice(type: str, **changes: Any) -> NoticeFacts:
    return replace(NoticeFacts(type, NOW - DAY, "挂号信"), **changes)


FACTS = [
    ("agency, not told", {"agency": "乙公司"}, {"outsourcing_notice": BLOCK}),
    ("agency, told", {"agency": "乙公司", "notices": (notice("outsourcing"),)}, {}),
    ("told another thing", {"agency": "乙公司", "notices": (notice("identity"),)}, {"outsourcing_notice": BLOCK}),
    ("will be told", {"agency": "乙", "notices": (notice("outsourcing", at=NOW + DAY),)},
     {"outsourcing_notice": BLOCK}),
    ("told, unproven", {"agency": "乙", "notices": (notice("outsourcing", evidence=None),)},
     {"notice_evidence": REVIEW}),
    ("bought, not told", {"assigned": True}, {"assignment_notice": BLOCK}),
    ("bought, told", {"assigned": True, "notices": (notice("assignment"),)}, {}),
    ("settled", {"settled": True}, {"settled": BLOCK}),
    ("plan kept", {"plan_in_force": True}, {"plan": BLOCK}),
    ("plan breached", {"plan_in_force": True, "plan_breached": True}, {}),
    ("plan, who knows", {"plan_in_force": True, "plan_breached": None}, {"unknown_plan": REVIEW}),
    ("is there a plan", {"plan_in_force": None}, {"unknown_plan": REVIEW}),
    ("bankruptcy", {"bankruptcy": True}, {"bankruptcy": REVIEW}),
    ("no-contact order", {"no_contact_order": True}, {"no_contact_order": BLOCK}),
    ("self-harm", {"vulnerable": ("self_harm",)}, {"self_harm": BLOCK}),
    ("illness", {"vulnerable": ("illness",)}, {"hardship_undated": REVIEW}),
    ("illness, 29 days ago", {"vulnerable": ("illness",), "vulnerable_since": (("illness", NOW - 29 * DAY),)},
     {"hardship_pause": REVIEW}),
    ("illness, 30 days ago", {"vulnerable": ("illness",), "vulnerable_since": (("illness", NOW - 30 * DAY),)}, {}),
    ("minor", {"vulnerable": ("minor",)}, {"minor": REVIEW}),
    ("incapacity", {"vulnerable": ("incapacity",)}, {"incapacity": REVIEW}),
    ("deceased", {"vulnerable": ("deceased",)}, {"deceased": BLOCK}),
    ("a flag nobody knows", {"vulnerable": ("pregnant",)}, {"unknown_flag": REVIEW}),
    ("no creditor", {"creditor": None}, {"unknown_creditor": REVIEW}),
    ("trained until today", {"collector_trained_until": NOW.date()}, {}),
    ("trained until yesterday", {"collector_trained_until": date(2026, 11, 17)}, {"training": BLOCK}),
    ("training not kept", {"collector_trained_until": None}, {"unknown_training": ALLOW}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
def test_what_is_known_about_the_debtor(changes: dict[str, Any], expected: dict[str, Decision]) -> None:
    assert said(judge(with_(**changes))) == expected


POINTS = [
    ("bought list", {"source": "bought"}, {"source": BLOCK}),
    ("source unknown", {"source": None}, {"unknown_source": REVIEW}),
    ("told by the reserved contact", {"source": "told_by_reserved_contact"}, {}),
    ("invalid", {"valid": False}, {"invalid_point": BLOCK}),
    ("validity unknown", {"valid": None}, {"unknown_validity": REVIEW}),
]


@pytest.mark.parametrize(("changes", "expected"), [row[1:] for row in POINTS], ids=[row[0] for row in POINTS])
def test_what_is_known_about_the_number(changes: dict[str, Any], expected: dict[str, Decision]) -> None:
    assert said(judge(point(**changes))) == expected


REQUESTS = [
    ("dispute", None, REVIEW), ("dispute", "office", REVIEW), ("complaint", None, REVIEW), ("plan", None, REVIEW),
    ("representation", None, REVIEW), ("stop_contact", None, REVIEW), ("stop_contact", "mobile", BLOCK),
    ("stop_contact", "office", ALLOW), ("contact_preference", None, REVIEW), ("contact_preference", "mobile", BLOCK),
    ("contact_preference", "office", ALLOW), ("consent_withdrawn", "mobile", BLOCK),
    ("consent_withdrawn", None, REVIEW),
    ("explanation", None, ALLOW), ("pi_copy", None, ALLOW), ("pi_correction", "mobile", REVIEW),
    ("pi_deletion", None, ALLOW), ("credit_dispute", None, ALLOW),
]  # fmt: skip


@pytest.mark.parametrize(("type", "about", "decision"), REQUESTS)
def test_open_requests(type: str, about: str | None, decision: Decision) -> None:
    assert said(judge(with_(requests=(request(type, about),)))) == {f"request_{type}": decision}


def test_a_request_that_the_pack_does_not_know_is_held() -> None:
    assert said(judge(with_(requests=(request("refund"),)))) == {"unknown_request": REVIEW}


def test_no_right_to_stop_all_contact_is_made_up() -> None:
    stop = finding(judge(with_(requests=(request("stop_contact"),))), "request_stop_contact")
    assert stop.why.startswith("【机构策略，非法律规定】债务人于 2026-11-17 要求停止联系")


def test_self_harm_stops_everything_but_notes() -> None:
    decided = {channel: judge(replace(FRIEND, vulnerable=("self_harm",)), channel).decision for channel in CHANNELS}
    assert decided == {channel: ALLOW if channel == "note" else BLOCK for channel in CHANNELS}


def test_a_day_that_the_pack_does_not_know_is_held() -> None:
    ruling = judge(now=local(2024, 6, 1, 10))
    assert said(ruling)["calls"] is REVIEW
    assert "2024-06-01" in finding(ruling, "calls").why


def test_an_old_contact_is_judged_by_the_rules_of_its_day() -> None:
    ruling = judge(with_(attempts=(call(at=local(2025, 6, 1, 9)),) * 6), now=local(2025, 6, 1, 10))
    assert finding(ruling, "attempts").why.startswith("【机构策略，非法律规定】")


def test_what_blocks_for_good_has_no_next_time() -> None:
    ruling = judge(with_(settled=True), now=local(2026, 11, 18, 23))
    assert (ruling.next_allowed_at, finding(ruling, "hours").next_allowed_at) == (None, local(2026, 11, 19, 8))


def test_what_an_officer_may_release_still_waits_for_the_morning() -> None:
    assert judge(with_(plan_in_force=None), now=local(2026, 11, 18, 23)).next_allowed_at == local(2026, 11, 19, 8)


def test_what_is_left_today() -> None:
    attempts = (call("connected"), call(), call(), sent(at=NOW - DAY))
    assert judge(with_(attempts=attempts)).remaining == {
        "calls_today": 2, "attempts_this_number_today": 4, "messages_today": 1, "messages_this_week": 2,
        "visits_today": 1,
    }  # fmt: skip


def test_a_wish_lowers_what_is_left() -> None:
    ruling = judge(with_(agreements=(agreement(max_per_day=2),), attempts=(call("connected"),)))
    assert set(ruling.remaining.values()) == {1}


def test_findings_are_told_apart_from_those_of_the_text() -> None:
    findings = judge(replace(FRIEND, vulnerable=("self_harm",), agency="乙", settled=True), "visit").findings
    assert {finding.source for finding in findings} == {"contact"}
    assert {finding.category for finding in findings} <= set(CONTACT_CATEGORIES)
    assert all(finding.cites for finding in findings)


@pytest.mark.parametrize(
    ("channel", "now", "field"), [("fax", NOW, "channel"), ("call", NOW.replace(tzinfo=None), "now")]
)
def test_what_cannot_be_judged_is_refused(channel: str, now: datetime, field: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        judge(channel=channel, now=now)
    assert raised.value.field == field


AGENCIES = [
    ("listed", True, {}),
    ("not listed", False, {"unlisted_agency": BLOCK}),
    ("no list is kept", None, {"unknown_agency_list": ALLOW}),
]


@pytest.mark.parametrize(("listed", "expected"), [row[1:] for row in AGENCIES], ids=[row[0] for row in AGENCIES])
def test_an_agency_is_on_the_public_list(listed: bool | None, expected: dict[str, Decision]) -> None:
    told = (NoticeFacts("outsourcing", NOW - DAY, "EMS 1"),)
    assert said(judge(with_(agency="乙催收公司", agency_listed=listed, notices=told))) == expected


EVALUATED = [
    ("its last day", date(2025, 11, 18), {}),
    ("the day after", date(2025, 11, 17), {"agency_evaluation": REVIEW}),
    ("not kept here", None, {}),
]


@pytest.mark.parametrize(("day", "expected"), [row[1:] for row in EVALUATED], ids=[row[0] for row in EVALUATED])
def test_an_agency_is_evaluated_every_year(day: date | None, expected: dict[str, Decision]) -> None:
    told = (NoticeFacts("outsourcing", NOW - DAY, "EMS 1"),)
    assert said(judge(with_(agency="乙催收公司", agency_evaluated=day, notices=told))) == expected


NEVER = [
    ("all were evaluated", (), {}),
    ("its first year", (date(2025, 11, 18),), {}),
    ("the day after", (date(2025, 11, 17),), {"agency_never_evaluated": REVIEW}),
    ("one of two", (date(2026, 11, 1), date(2025, 11, 17)), {"agency_never_evaluated": REVIEW}),
    ("nobody knows", (None,), {"unknown_agency_engagement": REVIEW}),
    ("nobody knows of one of two", (date(2026, 11, 1), None), {"unknown_agency_engagement": REVIEW}),
]


@pytest.mark.parametrize(("since", "expected"), [row[1:] for row in NEVER], ids=[row[0] for row in NEVER])
def test_an_agency_that_was_never_evaluated_has_a_year(
    since: tuple[date | None, ...], expected: dict[str, Decision]
) -> None:
    told = (NoticeFacts("outsourcing", NOW - DAY, "EMS 1"),)
    assert said(judge(with_(agency="乙催收公司", never_evaluated=since, notices=told))) == expected


def test_the_evaluation_of_an_agency_is_of_no_concern_without_one() -> None:
    assert said(judge(with_(agency_evaluated=date(2020, 1, 1)))) == {}


def test_without_an_agency_no_list_is_asked_for() -> None:
    assert said(judge(with_(agency_listed=None))) == {}


LINES = [
    ("a registered number", "call", "400 000-5377", {}),
    ("another number", "call", "13900000000", {"unregistered_line": BLOCK}),
    ("a text from another number", "sms", "13900000000", {"unregistered_line": BLOCK}),
    ("a call that does not say", "call", None, {"unknown_line": REVIEW}),
    ("a text that does not say", "sms", None, {}),
    ("a letter has no number", "letter", "13900000000", {}),
]


@pytest.mark.parametrize(("channel", "line", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_registered_numbers_alone_are_used(channel: str, line: str | None, expected: dict[str, Decision]) -> None:
    assert said(judge(with_(lines=("4000005377", "10655"), line=line), channel)) == expected


def test_where_no_numbers_are_registered_none_is_asked_for() -> None:
    assert said(judge(with_(line="13900000000"))) == {}
