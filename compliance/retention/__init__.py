"""Keeping as long as the law asks, erasing when it is over: periods and holds are data of the pack."""

from compliance.retention.erasing import Erased, erase
from compliance.retention.finding import Due, find_due
from compliance.retention.policy import Hold, Period, RetentionPolicy, load_retention

__all__ = ["Due", "Erased", "Hold", "Period", "RetentionPolicy", "erase", "find_due", "load_retention"]
