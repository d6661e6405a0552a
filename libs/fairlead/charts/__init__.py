"""Charts of Helm: what repositories offer, their archives, and these as commits that renders read.

The invariant: an archive is the chart, the version and the digest that were wanted, or is refused.
"""

from fairlead.charts.chart import import_chart
from fairlead.charts.errors import (
    ChartAccessError,
    ChartContentError,
    ChartError,
    ChartInvalidError,
    ChartNotFoundError,
    ChartTransientError,
    ChartVersionError,
)
from fairlead.charts.index import ChartVersion, Index
from fairlead.charts.repository import ChartRepository
from fairlead.charts.versions import choose, is_exact

__all__ = [
    "ChartAccessError",
    "ChartContentError",
    "ChartError",
    "ChartInvalidError",
    "ChartNotFoundError",
    "ChartRepository",
    "ChartTransientError",
    "ChartVersion",
    "ChartVersionError",
    "Index",
    "choose",
    "import_chart",
    "is_exact",
]
