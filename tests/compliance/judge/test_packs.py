"""What a pack says of itself where it does not load."""

from __future__ import annotations

import pickle

from compliance.judge.packs import PackError
from compliance.judge.rules import Fault


def test_a_worker_can_send_back_why_a_pack_does_not_load() -> None:
    error = PackError("cn", [Fault("rules.toml", "cn.x", "any", "it matches the empty text")])
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own

    assert str(back) == str(error)
    assert (back.pack, back.faults) == (error.pack, error.faults)
