"""The whole of Fairlead on one machine: what `fairlead up`, the demo, the benchmarks and the tests start.

The invariant: it is up as a whole or not at all, and whatever of it dies is started again.
"""

from fairlead.local.suite.config import SERVICES, SuiteConfig
from fairlead.local.suite.state import SuiteState, read_state
from fairlead.local.suite.suite import Suite

__all__ = ["SERVICES", "Suite", "SuiteConfig", "SuiteState", "read_state"]
