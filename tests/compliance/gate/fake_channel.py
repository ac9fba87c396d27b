"""A channel that holds state: what it delivered, and how it fails next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from compliance.gate.channels import Delivery


@dataclass
class FakeChannel:
    """Fails with the errors in ``failures``, first to last, then delivers."""

    accepts_keys: bool = False
    failures: list[Exception] = field(default_factory=list)
    arrived: list[Delivery] = field(default_factory=list)
    on_delivery: Callable[[], None] | None = None

    def deliver(self, delivery: Delivery) -> str:
        if self.on_delivery is not None:
            self.on_delivery()
        if self.failures:
            raise self.failures.pop(0)
        if not self.accepts_keys or delivery.key not in {earlier.key for earlier in self.arrived}:
            self.arrived.append(delivery)
        return f"fake:{len(self.arrived)}"
