"""Saying it better: the facts stay, the pressure goes, and nothing is offered that does not pass."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from compliance.judge import Decision, Finding, Message, Span, Verdict, load_judge
from compliance.judge.packs import PACKS, PackError, read_pack
from compliance.judge.proof import failing_rewordings, load_pack, unanswered_examples
from compliance.judge.replacements import OWING, SPOKEN_TO, Say, audiences_of, load_replacements
from compliance.judge.rewording import reword
from compliance.judge.types import CATEGORIES
from compliance.judge.wire import finding_to_dict

JUDGE = load_judge("cn")
RULES = load_judge("cn", reader=False)
REPLACEMENTS = load_replacements(JUDGE.pack)
CORPUS = Path(__file__).parents[3] / "compliance" / "corpus"
OTHER = "other_third_party"
BILL = "【云杉信用卡】王先生，您好，您尾号1234的信用卡应还687.20元，还款日为9月18日。"
ARREST = "再不还明天就抓你去坐牢。"
THREE_CALLS = "您如果不及时还清信用卡欠款，我们每天会有三次电话跟进，同时向您所在单位，您家里发送催收函"
assert REPLACEMENTS is not None


def screen(text: str, channel: str = "sms", audience: str = "debtor", stage: str | None = None) -> Verdict:
    return JUDGE.screen(Message(text, channel, audience, stage=stage))


def suggested(text: str, channel: str = "sms", audience: str = "debtor", stage: str | None = None) -> str:
    suggestion = screen(text, channel, audience, stage).suggestion
    assert suggestion is not None
    return suggestion


def test_the_facts_stay_and_the_threat_goes() -> None:
    suggestion = suggested(BILL + ARREST + "客服400-000-0000。")
    assert suggestion.startswith(BILL)
    assert "客服400-000-0000" in suggestion
    assert "抓" not in suggestion


def test_harassment_and_letters_become_contact_at_the_agreed_time() -> None:
    assert "我们会在约定时间再联系您本人" in suggested(THREE_CALLS, "call")


def test_facts_inside_the_offending_sentence_stay() -> None:
    suggestion = suggested("【云杉信用卡】您的账户应还687.20元，否则全家终身无法贷款，请致电400-000-0000。")
    assert suggestion.startswith("【云杉信用卡】您的账户应还687.20元。")
    assert "400-000-0000" in suggestion


def test_what_is_owed_is_said_again_where_its_sentence_goes() -> None:
    suggestion = suggested("你欠的3,200元今天不还就打断你的腿。", "call")
    assert suggestion.startswith("您有3,200元欠款待还。")
    assert "腿" not in suggestion


def test_an_amount_that_may_be_part_of_the_lie_is_not_said_again() -> None:
    assert "2,000" not in suggested("你欠的2,000元打到我的个人账户就行。", "im")


def test_a_number_to_call_that_may_be_part_of_the_lie_is_not_said_again() -> None:
    assert "7473" not in suggested("【法院专递】您有邮件无法投递，请添加工作人员微信提供地址，详询400-000-7473。")


def test_a_comma_inside_an_amount_parts_nothing() -> None:
    assert suggested("您尾号3346账单7,215.80元待还，每天打你一百个电话。", "im").startswith(
        "您尾号3346账单7,215.80元待还。"
    )


def test_every_finding_with_a_span_says_what_becomes_of_its_sentence() -> None:
    for finding in screen(BILL + ARREST).findings:
        assert (finding.fix, bool(finding.instead)) == ("replace", True)


def test_where_nothing_can_be_saved_the_sentence_is_left_out() -> None:
    findings = RULES.screen(Message("打断你的腿。")).findings
    assert {(finding.fix, finding.instead) for finding in findings} == {("drop", None)}


def test_a_message_of_which_nothing_is_left_gets_the_neutral_sentence_of_its_stage() -> None:
    late = suggested("打断你的腿。", "im", stage="late")
    assert late != suggested("打断你的腿。", "im", stage="initial")
    assert REPLACEMENTS is not None
    assert late in {say.text for say in REPLACEMENTS.neutral}


def test_several_sentences_of_a_kind_are_replaced_once() -> None:
    suggestion = suggested("每天打你一百个电话。不接就天天打，打到你接为止。", "call")
    assert suggestion.count("联系") == 1


def test_several_findings_in_a_sentence_get_one_replacement() -> None:
    findings = screen(THREE_CALLS, "call").findings
    assert len(findings) > 1
    assert len({finding.instead for finding in findings}) == 1


def test_a_traditional_message_is_offered_in_simplified_characters() -> None:
    suggestion = suggested("您好，您尾號1234的帳單已到期。再不還錢就把你抓去坐牢。", "im")
    assert suggestion.startswith("您好，您尾号1234的")
    assert not set("號帳單還錢") & set(suggestion)


def test_a_sick_person_is_not_reminded_of_an_amount() -> None:
    suggestion = suggested("【禾穗小贷】得知您家遭遇洪水，深表慰问。您的账单612.30元已逾期3天，请您务必还款。")
    assert suggestion.startswith("【禾穗小贷】")
    assert "612.30" not in suggestion


def test_only_what_the_collector_says_is_reworded() -> None:
    suggestion = suggested("客户：我没钱。\n我：没钱就打断你的腿。", "call")
    assert "没钱" not in suggestion
    assert "客户" not in suggestion


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("您儿子在我们这贷款没还，让他还钱。", "您好，麻烦您转告他本人，方便时给我回个电话，谢谢。"),
        ("方先生不在啊？他信用卡欠了两万。", "您好，麻烦您转告方先生，方便时给我回个电话，谢谢。"),
        ("我姓邵，她信用卡逾期了。", "您好，我姓邵，麻烦您转告她本人，方便时给我回个电话，谢谢。"),
        ("他信用卡欠款没还，让他致电0571-0000002。", "您好，麻烦您转告他本人，方便时给我回个电话0571-0000002，谢谢。"),
    ],
)
def test_somebody_who_does_not_owe_is_only_asked_to_pass_on_a_call(text: str, suggestion: str) -> None:
    assert suggested(text, "call", OTHER) == suggestion


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("您的身份证110105194912310021已登记。", "您的身份证110105********0021已登记。"),
        ("【海岳银行】您卡号6225880000000001今天到期。", "【海岳银行】您卡尾号0001今天到期。"),
    ],
)
def test_personal_data_is_masked_and_the_sentence_stays(text: str, masked: str) -> None:
    verdict = RULES.screen(Message(text, "im"))
    assert verdict.suggestion == masked
    assert {(finding.fix, finding.instead) for finding in verdict.findings} == {("mask", masked)}


def test_a_note_is_never_reworded() -> None:
    verdict = JUDGE.screen(Message("我对他说不还钱就打断你的腿", "note", "internal"))
    assert verdict.suggestion is None
    assert {(finding.fix, finding.instead) for finding in verdict.findings} == {(None, None)}


def test_nothing_is_offered_that_does_not_pass() -> None:
    message = Message(BILL + ARREST)
    never = Finding("x", "threat", Decision.BLOCK, "x", span=Span(0, 1))
    reworded = reword(message, RULES.read(message), RULES.pack, lambda text: (never,))
    assert reworded.suggestion is None


def test_what_was_kept_is_given_up_where_it_does_not_pass() -> None:
    message = Message(BILL + ARREST)

    def read(text: str) -> tuple[Finding, ...]:
        place = text.find("687")
        return () if place < 0 else (Finding("x", "deception", Decision.REVIEW, "x", span=Span(place, place + 3)),)

    suggestion = reword(message, RULES.read(message), RULES.pack, read).suggestion
    assert suggestion
    assert "687" not in suggestion


def test_the_wire_carries_what_becomes_of_the_sentence() -> None:
    assert finding_to_dict(screen(ARREST).findings[0])["fix"] == "replace"


@pytest.mark.parametrize("say", [*REPLACEMENTS.say, *REPLACEMENTS.neutral], ids=lambda say: say.text[:12])
def test_every_sentence_passes_both_readers(say: Say) -> None:
    kinds = [(channel, audience) for channel in say.channel or SPOKEN_TO for audience in OWING]
    for channel, audience in kinds:
        assert JUDGE.read(Message(say.text, channel, audience)) == (), (channel, audience)


@pytest.mark.parametrize("audience", audiences_of(relayed=True))
@pytest.mark.parametrize("channel", SPOKEN_TO)
def test_the_relay_passes_both_readers(channel: str, audience: str) -> None:
    assert REPLACEMENTS is not None
    assert JUDGE.read(Message(REPLACEMENTS.relay.bare, channel, audience)) == ()


@pytest.mark.parametrize("category", CATEGORIES)
def test_something_is_said_instead_for_every_category(category: str) -> None:
    assert REPLACEMENTS is not None
    assert any(say.categories == {category} for say in REPLACEMENTS.say)


def _flagged(name: str, every: int) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["channel"] != "note" and row["decision"] != "allow"][::every]


@pytest.mark.parametrize(
    "name", ["outreach-train-zh-adversarial.jsonl", "outreach-train-zh-spoken.jsonl", "outreach-train-zh-written.jsonl"]
)
def test_nearly_every_bad_message_has_a_better_one_that_passes(name: str) -> None:
    messages = [Message(row["text"], row["channel"], row["audience"]) for row in _flagged(name, 9)]
    verdicts = [(message, JUDGE.screen(message)) for message in messages]
    bad = [(message, verdict) for message, verdict in verdicts if verdict.decision is not Decision.ALLOW]
    offered = [(message, verdict.suggestion) for message, verdict in bad if verdict.suggestion]
    assert len(offered) >= 0.97 * len(bad) > 0
    for message, suggestion in offered:
        assert JUDGE.screen(Message(suggestion, message.channel, message.audience)).decision is Decision.ALLOW


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('text = "我们会在约定时间再联系您本人。"', 'text = "我们天天打到你接为止。"', "does not pass"),
        ('drop = ["threat", "insult"]', 'drop = ["violence"]', "is not known"),
        ('him = "他本人"', "", "is missing"),
        ('  "vulnerability", "improper_payment"', '  "improper_payment"', "every category"),
        ("tail = [", "tails = [", "is no field"),
        ("owed = ['", "owed = ['(?=x)", "look"),
    ],
)
def test_a_bad_file_stops_the_pack(old: str, new: str, says: str, tmp_path: Path) -> None:
    folder = tmp_path / "cn"
    shutil.copytree(PACKS / "cn", folder)
    file = folder / "rewording.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PackError, match=says):
        load_pack("cn", tmp_path)


def test_an_example_that_is_no_case_for_its_sentence_is_named(tmp_path: Path) -> None:
    shutil.copytree(PACKS / "cn", tmp_path / "cn")
    file = tmp_path / "cn" / "rewording.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('instead_of = "你就是个老赖"', 'instead_of = "您好"'), encoding="utf-8")
    assert [fault.problem for fault in unanswered_examples(read_pack(tmp_path / "cn"))] == [
        "'您好' is not found to be insult"
    ]


def test_every_example_is_answered() -> None:
    assert unanswered_examples(JUDGE.pack) == []


def test_a_pack_without_the_file_offers_the_words_of_its_rules(tmp_path: Path) -> None:
    shutil.copytree(PACKS / "cn", tmp_path / "cn")
    (tmp_path / "cn" / "rewording.toml").unlink()
    pack = read_pack(tmp_path / "cn")
    message = Message("后果自负。")
    reworded = reword(message, RULES.read(message), pack, lambda text: ())
    assert (failing_rewordings(pack), reworded.suggestion) == ([], None)
    assert reworded.findings[0].fix == "replace"
