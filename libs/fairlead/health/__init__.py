"""How well a live object is doing, and from that an application: ``assess``, ``aggregate``.

Invariant: health is read from live objects alone; what Git wants plays no part, and nothing here raises.
"""

from fairlead.health.aggregate import Assessed, aggregate
from fairlead.health.assess import assess
from fairlead.health.status import Code, Health, worst

__all__ = ["Assessed", "Code", "Health", "aggregate", "assess", "worst"]
