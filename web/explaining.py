"""Why something was allowed, as JSON and for the page: nothing here is decided."""

from __future__ import annotations

import json
from typing import Any

from compliance.casebook import mask_text
from compliance.gate.inputs import canonical_json
from compliance.retrace import Explanation


def explanation_to_dict(found: Explanation) -> dict[str, Any]:
    """The whole explanation, masked."""
    outreach = found.outreach
    return {
        "id": outreach.client_id,
        "number": outreach.id,
        "decided_at": outreach.created_at.isoformat(),
        "decided_for": found.inputs.at.isoformat() if found.inputs else None,
        "by": outreach.collector,
        "channel": outreach.channel,
        "text": outreach.masked,
        "text_digest": outreach.text_digest,
        "ledger_seq": outreach.ledger_seq,
        "pack_digest": outreach.pack_digest,
        "then": found.then,
        "inputs": masked_inputs(found),
        "again": found.again,
        "same": found.same,
        "differences": list(found.differences),
        "obstacle": found.obstacle,
    }


def masked_inputs(found: Explanation) -> dict[str, Any] | None:
    """What was decided on. Messages sent just before and quoted evidence are free text, and masked."""
    if found.inputs is None:
        return None
    masked: dict[str, Any] = _mask(json.loads(canonical_json(found.inputs)))
    return masked


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {name: _mask(one) for name, one in value.items()}
    return [_mask(one) for one in value] if isinstance(value, list) else value
