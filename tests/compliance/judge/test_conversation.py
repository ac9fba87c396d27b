"""Whole calls: what no single turn shows. Decisions about the words of a turn are tested with the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from compliance.judge import Decision, Finding, InvalidInput, Judge
from compliance.judge.conversation import KnownAccount, Turn, check_conversation, check_note
from compliance.judge.hearing import Call, hear
from compliance.judge.packs import PACKS, read_pack
from compliance.judge.talk import load_talk
from compliance.judge.wire import finding_to_dict

PACK = read_pack(PACKS / "cn")
JUDGE = Judge(PACK)
ACCOUNT = KnownAccount("明川消费金融有限公司", Decimal("8600"), Decimal("265.78"), Decimal(0))
C, D, T = "collector", "debtor", "third_party"
OPENING = (
    (C, "您好，我是衡屿商务服务公司的，工号0621，姓吴，通话有录音。请问是刘芳女士本人吗？"),
    (D, "是我。"),
    (C, "麻烦报一下身份证后四位。"),
    (D, "3629"),
)
TOLD = (C, "受明川消费金融委托，您那笔消费贷8月28号到期，一共8865块7毛8。")
CHANNEL = (C, "对金额有疑问或者要投诉，可以打明川客服热线。")
SUMMARY = (C, "我跟您确认一下：11月20号您还500元。")


def call(*turns: tuple[str, str]) -> list[Turn]:
    return [Turn(seq, speaker, text) for seq, (speaker, text) in enumerate(turns, 1)]


def found(*turns: tuple[str, str], account: KnownAccount | None = ACCOUNT) -> list[Finding]:
    return list(check_conversation(call(*turns), account, JUDGE))


def rules(*turns: tuple[str, str], account: KnownAccount | None = ACCOUNT) -> set[str]:
    return {f.rule.removeprefix("cn.call.") for f in found(*turns, account=account) if f.rule.startswith("cn.call.")}


def heard(*turns: tuple[str, str], account: KnownAccount | None = ACCOUNT) -> Call:
    return hear(call(*turns), account, load_talk(PACK))


def test_a_complete_call_has_no_finding() -> None:
    assert found(*OPENING, TOLD, (D, "我知道，20号还500。"), CHANNEL, (D, "好的"), SUMMARY, (D, "好。")) == []


def test_each_disclosure_that_is_never_said_is_a_finding_of_the_whole_call() -> None:
    findings = found((C, "喂，在吗"), (D, "我是，怎么了"), (C, "没事"), (D, "好"))
    missing = {f.rule: f for f in findings if "missing_" in f.rule}
    items = ("identity", "recording", "right_party", "creditor", "debt", "summary")
    assert set(missing) == {f"cn.call.missing_{item}" for item in items}
    assert {(f.turn, f.span, f.source, f.decision) for f in missing.values()} == {(None, None, "call", Decision.REVIEW)}
    assert all(f.cites for f in missing.values())


@pytest.mark.parametrize(
    ("turns", "item", "due"),
    [
        ((*OPENING, TOLD, (D, "知道了")), "dispute_channel", True),
        ((*OPENING, (D, "知道了")), "dispute_channel", False),
        ((*OPENING, (D, "我要投诉你们")), "dispute_channel", True),
        ((*OPENING, TOLD, (D, "我失业了，拿不出来")), "plan_option", True),
        ((*OPENING, TOLD, (D, "明天还")), "plan_option", False),
        ((*OPENING, TOLD, (D, "我没钱，但是我根本没借过")), "plan_option", False),
        ((*OPENING, TOLD, (D, "我挂了")), "summary", False),
        ((*OPENING, TOLD, (D, "好")), "summary", True),
        ((*OPENING, TOLD, (D, "我不想活了")), "summary", False),
        ((*OPENING, TOLD, (D, "我不想活了")), "dispute_channel", False),
        (((C, "您是唐磊的妈妈吧"), (T, "我是")), "right_party", False),
        (((C, "您好"), (T, "他不在")), "debt", False),
    ],
)
def test_an_item_is_missing_only_where_it_is_due(turns: tuple[tuple[str, str], ...], item: str, due: bool) -> None:
    assert (item in heard(*turns).missing) is due


def test_the_creditor_is_known_by_sound() -> None:
    assert "creditor" in heard(*OPENING, (C, "受名川消费金融委托 您那笔逾期了")).said[-1].items


def test_another_creditor_is_not_the_creditor() -> None:
    assert "creditor" in heard(*OPENING, (C, "受云麓小贷委托，您那笔逾期了")).missing


def test_the_makers_name_of_an_app_is_no_naming_of_the_creditor() -> None:
    assert "creditor" not in heard(*OPENING, (C, "您在明川App里看一下")).said[-1].items


def test_debt_told_before_the_person_is_known_is_found_at_that_turn() -> None:
    (finding,) = [f for f in found((C, "您好"), (D, "喂"), TOLD, (D, "哦")) if f.rule == "cn.call.debt_first"]
    assert finding.turn == 3
    assert "debt_first" not in rules(*OPENING, TOLD)


@pytest.mark.parametrize("denial", ["打错了，没这个人", "我不是他本人，他手机在我这儿"])
def test_who_denies_to_be_the_debtor_is_told_no_debt_until_asked_again(denial: str) -> None:
    assert "debt_first" in rules(*OPENING, (C, "好的"), (D, denial), TOLD)
    assert "debt_first" in rules((C, "请问是卢婷吗"), (D, denial), (C, "抱歉"), (D, "嗯"), TOLD)
    assert "debt_first" not in rules(*OPENING, (D, denial), *OPENING, TOLD)


@pytest.mark.parametrize("answer", ["怎么了", "我打12378投诉你", "我打110", "你说你是谁"])
def test_what_is_no_confirmation_lets_no_debt_be_told(answer: str) -> None:
    assert "debt_first" in rules((C, "请问是刘芳女士本人吗？"), (D, answer), TOLD)


@pytest.mark.parametrize("words", ["投诉也没关系，可以打12378。", "投诉也是您的权利。", "您投诉完还会有人给您回复。"])
def test_who_welcomes_a_complaint_turns_nobody_away(words: str) -> None:
    assert "refused_channel" not in rules(*OPENING, TOLD, (D, "我要投诉你们"), (C, words))


@pytest.mark.parametrize("words", ["这是我最后一次跟你说，别找我了", "以后事情多，别老打", "我想结束通话"])
def test_impatience_is_no_sign_of_self_harm(words: str) -> None:
    assert not load_talk(PACK).signals["self_harm"].occurs(words)


def test_who_listens_decides_what_may_be_said() -> None:
    says = (C, "他的贷款逾期了，请您转告")
    to_father = found((C, "您好，请问是王强先生吗"), (T, "我是他爸爸"), says)
    assert {f.turn for f in to_father if f.category == "third_party_disclosure"} == {3}
    assert not [f for f in found(*OPENING, says) if f.category == "third_party_disclosure"]


def test_an_unanswered_question_about_identity_is_found_at_the_question() -> None:
    findings = found((C, "喂"), (D, "你是谁啊"), (C, "您今天方便吗"), (D, "你谁"), (C, "问您话呢"), (D, "嗯"))
    (finding,) = [f for f in findings if f.rule == "cn.call.unanswered_identity"]
    assert (finding.turn, finding.span is not None) == (2, True)


@pytest.mark.parametrize("answer", ["我是东禾银行的，工号3107", "您可以打官网公示的客服热线投诉核实"])
def test_an_answered_question_is_no_finding(answer: str) -> None:
    assert "unanswered_identity" not in rules((C, "喂"), (D, "你是谁啊"), (C, answer), (D, "哦"))


def test_a_question_just_asked_may_yet_be_answered() -> None:
    assert "unanswered_identity" not in rules((C, "喂"), (D, "你是谁啊"), (C, "您今天方便吗"), (D, "你谁"))


def test_intents_count_where_phrases_do_not_hear_them() -> None:
    question = Turn(2, D, "侬啥人呀", ("ask_identity",))
    turns = [Turn(1, C, "喂"), question, Turn(3, C, "您今天方便吗"), Turn(4, D, "嗯"), Turn(5, C, "那好")]
    assert "cn.call.unanswered_identity" in {f.rule for f in check_conversation(turns, None, JUDGE)}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("一共8865块7毛8", False),
        ("一共八千八百六十五块七毛八", False),
        ("一共8865块", False),
        ("一共是12068块9毛9", True),
        ("一共八千八百六十六块七毛八", True),
        ("先还500块", False),
    ],
)
def test_a_total_that_is_not_the_accounts_is_found(said: str, wrong: bool) -> None:
    assert ("amount" in rules(*OPENING, (C, f"受明川消费金融委托，您那笔{said}。"), (D, "哦"))) is wrong


def test_without_an_account_no_amount_is_wrong() -> None:
    assert "amount" not in rules(*OPENING, (C, "您一共欠款99999块"), account=None)


def test_the_third_demand_on_somebody_who_cannot_pay_is_repeated_pressure_and_house_policy() -> None:
    demand = (C, "今天必须还两千")
    cannot = (D, "我真拿不出来")
    findings = found(*OPENING, TOLD, cannot, demand, cannot, demand, cannot, demand)
    (finding,) = [f for f in findings if f.rule == "cn.call.repeated"]
    assert finding.turn == 11
    assert finding.why.startswith("【机构策略，非法律规定】")


def test_demands_before_any_word_of_hardship_are_not_counted() -> None:
    demand = (C, "今天能还多少")
    assert "repeated" not in rules(*OPENING, TOLD, (D, "嗯"), demand, (D, "嗯"), demand, (D, "嗯"), demand)


def test_pressing_after_a_sign_of_self_harm_is_blocked() -> None:
    findings = found(*OPENING, TOLD, (D, "我不想活了"), (C, "那这礼拜能还多少"))
    assert (6 + 1, Decision.BLOCK) in {(f.turn, f.decision) for f in findings if f.rule == "cn.call.self_harm"}


def test_care_after_a_sign_of_self_harm_is_no_finding() -> None:
    assert "self_harm" not in rules(*OPENING, TOLD, (D, "我不想活了"), (C, "今天不谈还款的事，您身边有人吗"))


def test_the_first_demand_after_grave_illness_is_held_and_the_next_blocked() -> None:
    demand = (C, "这个月能不能先还个两千")
    findings = found(*OPENING, TOLD, (D, "我在化疗"), demand, (D, "不行"), demand)
    assert [f.decision for f in findings if f.rule == "cn.call.grave"] == [Decision.REVIEW, Decision.BLOCK]


@pytest.mark.parametrize(
    ("heard_before", "answer", "rule"),
    [
        ("你叫什么，工号多少？", "工号不方便说，您还了就行。", "refused_identity"),
        ("我要投诉你们", "我这系统里没有，您自己网上找吧。", "refused_channel"),
        ("我失业了，想分期", "您这种情况报了也批不下来", "refused_plan"),
    ],
)
def test_turning_somebody_away_is_found_only_after_they_asked(heard_before: str, answer: str, rule: str) -> None:
    assert rule in rules(*OPENING, TOLD, (D, heard_before), (C, answer))
    assert rule not in rules(*OPENING, TOLD, (D, "嗯"), (C, answer))


def test_a_span_is_cut_from_the_raw_turn() -> None:
    text = "受明川消费金融委托，您那笔一共是12,068块9毛9。"
    (finding,) = [f for f in found(*OPENING, (C, text), (D, "哦")) if f.rule == "cn.call.amount"]
    assert finding.span is not None
    assert text[finding.span.start : finding.span.end] == "12,068块9毛9"
    assert finding_to_dict(finding)["turn"] == 5


def test_a_note_that_claims_what_was_never_said_is_found() -> None:
    turns = call(*OPENING, TOLD, (D, "知道了"))
    note = "本人接听，已核实本人，已告知投诉渠道，已告知欠款"
    (finding,) = check_note(note, turns, JUDGE, ACCOUNT)
    assert finding.rule == "cn.call.note_untold"
    assert finding.span is not None
    assert note[finding.span.start : finding.span.end] == "已告知投诉渠道"


def test_a_note_of_the_debtor_where_somebody_else_spoke_is_found() -> None:
    turns = call((C, "您好，请问是王强先生吗"), (T, "他不在，我是他爸"), (C, "请他回电，谢谢"))
    assert [f.rule for f in check_note("致电本人接通，承诺月底还", turns, JUDGE)] == ["cn.call.note_not_debtor"]
    assert check_note("其父接听，请其转告回电", turns, JUDGE) == ()


@pytest.mark.parametrize(
    ("turns", "says"),
    [
        ([], "at least one turn"),
        ([Turn(1, "boss", "喂")], "no speaker"),
        ([Turn(2, C, "喂"), Turn(1, D, "喂")], "order"),
        ([Turn(1, C, "喂"), Turn(1, D, "喂")], "order"),
    ],
)
def test_unusable_turns_are_refused(turns: list[Turn], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        check_conversation(turns, None, JUDGE)


def test_the_same_call_gives_the_same_findings() -> None:
    turns = (*OPENING, TOLD, (D, "我没钱"), (C, "今天必须还清"))
    assert found(*turns) == found(*turns)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("哥是为你好才讲这些，8865块7毛8", True),
        ("哥是为你好才讲这些，8600", True),
        ("就是8月28号那个事", True),
        ("您那边到今天一起是9000", True),
        ("这个月先拿500块", False),
        ("就是9月28号那个事", False),
    ],
)
def test_who_names_what_the_account_owes_tells_the_debt(words: str, told: bool) -> None:
    account = KnownAccount(ACCOUNT.creditor, ACCOUNT.principal, ACCOUNT.interest, ACCOUNT.fees, date(2026, 8, 28))
    deaf = replace(load_talk(PACK), listener=None)
    assert ("debt" in hear(call((C, words), (D, "哦")), account, deaf).said[0].items) is told


def test_an_item_is_heard_where_no_phrase_foresaw_it_unless_a_phrase_speaks_against_it() -> None:
    words = "咱俩说的话后台都存着呢，录下了"
    talk = load_talk(PACK)
    deaf = replace(talk, listener=None)
    assert "recording" in hear(call((C, words)), ACCOUNT, talk).said[0].items
    assert "recording" not in hear(call((C, words)), ACCOUNT, deaf).said[0].items
    assert "recording" not in hear(call((C, words + "，您可以录")), ACCOUNT, talk).said[0].items


@pytest.mark.parametrize("words", ["好嘞，那就7月5号，5000，走原来那个账户", "姐，您看您又说这个，咱不兴说丧气话啊"])
def test_sums_and_making_light_after_a_sign_of_self_harm_are_blocked(words: str) -> None:
    assert "self_harm" in rules(*OPENING, TOLD, (D, "我不想活了"), (C, words))


@pytest.mark.parametrize("words", ["您记个号，12356，心理援助的", "账的事我们停下来，八千多的事不提了"])
def test_help_after_a_sign_of_self_harm_is_no_sum(words: str) -> None:
    assert "self_harm" not in rules(*OPENING, TOLD, (D, "我不想活了"), (C, words))


@pytest.mark.parametrize(("words", "sign"), [("要不俺就不在了，恁也省心了", True), ("账没了你们也省心了", False)])
def test_being_gone_is_a_sign_of_self_harm_and_a_debt_that_is_gone_is_none(words: str, sign: bool) -> None:
    assert load_talk(PACK).signals["self_harm"].occurs(words) is sign


@pytest.mark.parametrize("words", ["先不说这个，今天必须还两千", "材料您交上来，今天先还两千"])
def test_a_word_of_delay_does_not_hide_a_demand_after_a_sign_of_self_harm(words: str) -> None:
    assert "self_harm" in rules(*OPENING, TOLD, (D, "我不想活了"), (C, words))


@pytest.mark.parametrize("words", ["本期应还1040", "您卡里余额是500", "两个五百，加起来1000"])
def test_a_part_of_the_debt_is_no_false_total(words: str) -> None:
    assert "amount" not in rules(*OPENING, TOLD, (D, "嗯"), (C, words), (D, "哦"))
