"""May this person be contacted on this channel now, and if not, when: the contact policy, pure.

``judge_contact`` serves the page, the API and the gate. It reads no clock and no database, and holds no threshold:
those are dated values of the pack. An unknown fact is a finding, never a pass.
"""

from compliance.judge.contact.load import load_policy
from compliance.judge.contact.policy import Policy
from compliance.judge.contact.ruling import ContactRuling, judge_contact

__all__ = ["ContactRuling", "Policy", "judge_contact", "load_policy"]
