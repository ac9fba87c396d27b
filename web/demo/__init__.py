"""Demo data worth looking at: a fortnight of a small collection floor, made through the real path.

Nobody in it exists: names are invented, identity numbers carry a region code that was never given out, mobiles a
prefix that no operator has. The same ``now`` gives the same people, debts and days.
"""

from web.demo.desks import code_of
from web.demo.loading import PASSWORD, is_empty, load_demo
from web.demo.people import STAFF

__all__ = ["PASSWORD", "STAFF", "code_of", "is_empty", "load_demo"]
