"""When a debtor asks to be rung back."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.intents.times import find_time

SAID = datetime(2026, 11, 18, 14, 5, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday, in the afternoon."""


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("我在开会，下午五点以后再打", "11-18 17:00"),
        ("明天上午10点以后吧", "11-19 10:00"),
        ("明晚八点半打给我", "11-19 20:30"),
        ("你15:30打来", "11-18 15:30"),
        ("周五下午三点一刻", "11-20 15:15"),
        ("中午十二点", None),
        ("明天中午一点", "11-19 13:00"),
        ("四点后打来，他在开会", "11-18 16:00"),
        ("你八点打烊后打来", "11-18 20:00"),
        ("你晚六点后打", "11-18 18:00"),
        ("下午四点卸完货，你五点再打来核对", "11-18 17:00"),
        ("半小时后打", "11-18 14:35"),
        ("过半个小时你再打过来", "11-18 14:35"),
        ("等二十分钟再打", "11-18 14:25"),
        ("一个半小时以后", "11-18 15:35"),
        ("四十五分钟后", "11-18 14:50"),
    ],
)
def test_a_time_is_read_as_it_is_meant(words: str, meant: str | None) -> None:
    found = find_time(words, SAID)
    assert (found.strftime("%m-%d %H:%M") if found else None) == meant


@pytest.mark.parametrize(
    "words",
    [
        "晚点打", "晚一点打给我", "早一点", "晚上九点以后别打", "九点之后不要再打", "不要晚上八点打电话",
        "发工资那天下午三点", "十五号发工资，你五点打来", "上午十点", "你十分钟打一个", "过半小时别打",
        "凌晨六点打电话合规吗", "下午二十五点", "我有话跟你说", "改天吧", "",
    ],
)  # fmt: skip
def test_what_is_no_certain_time_to_come_is_none(words: str) -> None:
    assert find_time(words, SAID) is None
