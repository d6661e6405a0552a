"""Why the objects of an application are not as Git says, asked of its app-controller.

Invariant: values of Secrets are masked before they leave the controller.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.model.explanation import Explanation

EXPLAIN = "explain"
TIMEOUT = 60.0
"""Seconds: the cluster's API server is asked about each object that differs."""
MAX_OBJECTS = 50
"""Objects of one answer."""


class ExplainedObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One object that is not as Git says.

    `reason` is `missing`, `extra`, `differs` or `unknown`; `problem` is why it could not be compared.
    """

    group: str = ""
    kind: str
    namespace: str = ""
    name: str
    reason: str
    problem: str = ""
    differences: tuple[Explanation, ...] = ()


class ExplainedApplication(Event, frozen=True, kw_only=True):
    """The objects that match the query and are not as Git says; `more` of them are not explained."""

    objects: tuple[ExplainedObject, ...] = ()
    more: int = 0
