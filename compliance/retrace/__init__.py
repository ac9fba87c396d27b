"""Why was this allowed? Packs are kept as they were, and any verdict is decided again on what was known then."""

from compliance.retrace.explaining import Explanation, explain, find
from compliance.retrace.packs import judge_of, publish_pack, snapshot_digest
from compliance.retrace.settings import publish_settings

__all__ = ["Explanation", "explain", "find", "judge_of", "publish_pack", "publish_settings", "snapshot_digest"]
