"""The pattern an ApplicationSet makes applications from.

Invariant: only texts hold placeholders; numbers and switches are what they are.
"""

from __future__ import annotations

from msgspec import field

from fairlead.model.application import ApplicationSpec
from fairlead.model.metadata import Record


class TemplateMeta(Record, frozen=True, kw_only=True):
    """The part of the metadata that a template may set."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    finalizers: tuple[str, ...] = ()


class Template(Record, frozen=True, kw_only=True):
    """An application with placeholders; on a generator, a layer over the set's own."""

    metadata: TemplateMeta = field(default_factory=TemplateMeta)
    spec: ApplicationSpec = field(default_factory=ApplicationSpec)
