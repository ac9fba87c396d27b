"""What whole calls are filed under. Invented calls; a line begins with who speaks: C, D (debtor), T (somebody else)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from assistant.calls.drafting import Draft, draft
from assistant.calls.promising import Promised
from assistant.calls.spoken import Spoken
from assistant.calls.state import CallFacts, CallState, fold
from assistant.intents import hear
from compliance.judge.hearing import KnownAccount
from compliance.judge.proof import load_pack
from compliance.judge.talk import Talk, load_talk

TODAY = date(2026, 11, 18)  # a Wednesday
ACCOUNT = KnownAccount("海岳银行", Decimal(6000), Decimal("182.4"), Decimal(30))
SPEAKERS = {"C": "collector", "D": "debtor", "T": "third_party"}
OPENING = """
C 您好，海岳银行，工号2201，我姓方，通话有录音。请问是叶秋本人吗？
D 是我。
C 麻烦报一下身份证后四位。
D 4471。
C 谢谢，您的信用卡10月20号到期，到今天一共是6212块4毛。
"""


@cache
def talk() -> Talk:
    return load_talk(load_pack("cn"))


def state(call: str) -> CallState:
    turns = [
        Spoken(seq, seq, SPEAKERS[line[0]], line[2:], datetime(2026, 11, 18, 2, seq, tzinfo=UTC),
               heard=hear(line[2:], SPEAKERS[line[0]]))
        for seq, line in enumerate(call.strip().splitlines(), 1)
    ]  # fmt: skip
    return fold(turns, CallFacts(ACCOUNT), {}, talk())


def file(call: str, opening: str = OPENING) -> Draft:
    return draft(state(opening.strip() + "\n" + call.strip()), TODAY, talk(), ACCOUNT.total)


def test_the_day_and_the_sum_of_two_answers_are_one_promise() -> None:
    filed = file("C 那您看什么时候能还？\nD 周五吧。\nC 周五能还多少？\nD 两千。\nC 好的，再见。")
    assert (filed.outcome, filed.promise) == ("promise", Promised(date(2026, 11, 20), Decimal(2000)))


def test_what_the_collector_restates_and_the_debtor_lets_stand_is_promised() -> None:
    filed = file("D 我发了工资就还，还三千。\nC 那我跟您确认，12月5号还3000，对吗？\nD 对。")
    assert filed.promise == Promised(date(2026, 12, 5), Decimal(3000))


def test_what_the_collector_restates_and_the_debtor_refuses_is_not_promised() -> None:
    filed = file("D 我现在真拿不出钱。\nC 那就这周五还一千，我记下了。\nD 不行，我答应不了，一分都没有。")
    assert filed.promise is None
    assert filed.outcome == "hardship"


def test_all_of_it_is_the_total_that_is_owed() -> None:
    filed = file("D 我明天一次性还清。\nC 好的，谢谢您。")
    assert filed.promise == Promised(date(2026, 11, 19), Decimal("6212.4"))


def test_a_later_promise_takes_the_place_of_an_earlier_one() -> None:
    filed = file("D 我后天还五千。\nC 好。\nD 等下，后天不行，下周一还四千吧。\nC 行。")
    assert filed.promise == Promised(date(2026, 11, 23), Decimal(4000))


def test_a_promise_that_is_taken_back_is_none() -> None:
    filed = file("D 我后天还五千。\nC 后天就五千是吧，你这种人说话算数吗？\nD 你什么态度，我不还了，爱告告去。")
    assert (filed.outcome, filed.promise) == ("refused", None)


def test_a_day_on_which_papers_are_sent_is_no_promise() -> None:
    filed = file("D 能不能给我分期还，我一下拿不出来。\nC 可以申请，要传收入证明。\nD 好，我明天就传。")
    assert (filed.outcome, filed.promise) == ("plan_request", None)


def test_a_plan_asked_for_stays_open_beside_a_first_instalment() -> None:
    filed = file("D 能不能分期？\nC 可以申请分期，要审批。\nD 行，那我这周六先还八百。\nC 好的。")
    assert (filed.outcome, filed.promise) == ("plan_request", Promised(date(2026, 11, 21), Decimal(800)))


def test_a_plan_that_was_refused_leaves_the_promise() -> None:
    filed = file("D 能不能分期？\nC 没有分期，只谈一次性。\nD 那我月底先还两千。\nC 行。")
    assert (filed.outcome, filed.promise) == ("promise", Promised(date(2026, 11, 30), Decimal(2000)))


def test_walking_away_from_a_refused_plan_is_a_refusal() -> None:
    filed = file("D 我想分期，行不行？\nC 分期谈不了，今天必须结清。\nD 那算了，等你们起诉再说吧。")
    assert filed.outcome == "refused"


def test_who_takes_up_the_plan_that_hardship_was_offered_is_in_hardship() -> None:
    filed = file("D 我失业三个月了，真没钱。\nC 您可以申请延期，要失业证明。\nD 好吧，那我申请延期。\nC 好的。")
    assert (filed.outcome, filed.reason) == ("hardship", "hardship")


def test_to_record_the_call_is_not_yet_to_complain() -> None:
    filed = file("C 你单位我也知道在哪。\nD 你这话我录下来了。\nC 您录。\nD 我周五还两千。\nC 好。")
    assert filed.outcome == "promise"


def test_a_complaint_weighs_more_than_a_promise() -> None:
    filed = file("D 我周五还两千，但是我还是要投诉你们。\nC 您可以打95500。\nD 嗯。")
    assert (filed.outcome, filed.rights) == ("complaint", ("complaint",))


def test_a_representative_weighs_more_than_a_complaint() -> None:
    filed = file("D 我已经全权委托律师处理了，你找他谈。\nC 好。\nD 你们上次的人乱说话，我要投诉。")
    assert filed.outcome == "dispute"


def test_one_question_about_the_interest_does_not_undo_a_promise() -> None:
    filed = file("D 利息怎么这么多，是不是算错了？\nC 我给您核对。\nD 那行吧，周五我还两千。\nC 好的。")
    assert filed.outcome == "promise"


def test_a_debt_denied_outright_is_a_dispute_whatever_follows() -> None:
    filed = file("D 我根本没借过这个钱，身份证丢过。\nC 给您登记异议。\nD 那我要什么时候去报案？")
    assert (filed.outcome, filed.reason) == ("dispute", "dispute")


def test_paid_already_weighs_more_than_being_wrong_about_it() -> None:
    assert file("D 不对啊，我上周就还了，手机银行转的。\nC 我核对一下。\nD 你查清楚。").outcome == "paid"


def test_who_hangs_up_after_nothing_was_said_has_hung_up() -> None:
    assert file("D 神经病，我挂了。").outcome == "hung_up"


def test_who_says_goodbye_has_not_hung_up() -> None:
    assert file("D 我这两天就还上。\nC 好。\nD 好的，那我先挂了啊，再见。").outcome != "hung_up"


def test_a_time_that_was_agreed_for_the_next_call_is_a_callback() -> None:
    filed = file("D 我在开会，晚点再打给我吧。\nC 好的，那我明天上午再给您打。\nD 行。")
    assert filed.outcome == "callback"


@pytest.mark.parametrize(
    ("call", "outcome"),
    [
        ("C 请问是叶秋吗？\nT 我是他姐姐，他不在家。\nC 麻烦转告他回电。\nT 好的，我跟他说。", "third_party_relay"),
        ("C 您好，请问是叶秋吗？\nT 打错了，我不认识这个人。\nC 抱歉。\nT 别再打了。", "wrong_number"),
        ("C 您好，请问是叶秋吗？\nT 我爸上个月去世了。\nC 请节哀。\nT 嗯。", "deceased"),
        ("C 您好，请问是叶秋吗？\nT 我是他妈，你谁啊？\nC 他欠钱了。\nT 我没钱，别再打来了，挂了！", "hung_up"),
        ("C 您好，请问是叶秋吗？\nD 你打错了，我不姓叶，没这个人。\nC 抱歉。\nD 嗯。", "wrong_number"),
        ("C 您好，请问是叶秋吗？\nT 我是他同事。他手机落这了。\nC 麻烦请他回电。\nT 好。", "third_party_relay"),
    ],
)  # fmt: skip
def test_who_is_not_the_debtor_is_filed_by_who_they_are(call: str, outcome: str) -> None:
    assert file(call, opening="").outcome == outcome


def test_a_sign_of_self_harm_comes_before_everything() -> None:
    filed = file("D 我不想活了，活着没意思。\nC 您现在安全吗？\nD 我周五还两千，我要投诉你们。")
    assert (filed.outcome, filed.promise) == ("self_harm_escalated", None)


def test_abuse_that_echoes_the_offer_of_a_complaint_is_a_refusal() -> None:
    filed = file("D 老子一分钱都不还，有本事去告！\nC 您对服务不满意可以打客服投诉。\nD 投诉你妈的头，就是不还！")
    assert filed.outcome == "refused"


def test_who_never_answered_is_not_reached() -> None:
    assert file("C 您好？喂？", opening="").outcome == "no_answer"


NOW = datetime(2026, 11, 18, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("call", "after", "next_at"),
    [
        ("D 我在开会，下午三点以后再打。", NOW, NOW.replace(hour=15, minute=0)),
        ("D 我在开车，过半个小时你再打过来。", NOW, NOW.replace(hour=10, minute=32)),
        ("D 我在开车，过半个小时你再打过来。", NOW.replace(hour=12), None),
        ("D 我在开会，晚点再打。", NOW, None),
        ("D 周五还两千，下午三点转。", NOW, None),
    ],
)
def test_the_time_at_which_to_ring_back_is_drafted(call: str, after: datetime, next_at: datetime | None) -> None:
    filed = draft(state("C 您好，请问是张伟先生吗？\n" + call), TODAY, talk(), ACCOUNT.total, after)
    assert filed.next_at == next_at
