"""Why one field of an object is not as Git says: data for whoever shows it, keeps it or acts on it.

Invariant: values are masked before they come here; what is not known is empty, never guessed.
"""

from __future__ import annotations

from fairlead.model.metadata import Record
from fairlead.model.status import ResourceIgnoreDifferences


class Explanation(Record, frozen=True, kw_only=True):
    """One difference.

    `path` is for people (`.spec.template.spec.containers[name=web].image`). `desired` and `live` are JSON,
    cut where they are long, "" for a field that is not there. `manager` is who owns the live field, by
    `operation` (`Apply` or `Update`, of a `subresource` maybe); `since` is when that manager last changed
    what it owns (RFC 3339). `rule` is the narrowest entry of `ignoreDifferences` that would silence it.
    """

    path: str
    desired: str = ""
    live: str = ""
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    since: str = ""
    rule: ResourceIgnoreDifferences
