"""Whose signatures are demanded of sources, as who makes wishes is told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fairlead.events import SignaturesDemanded
from fairlead.model.application import Application
from fairlead.model.source import Source

Demands = Callable[[Application, Sequence[Source]], tuple[SignaturesDemanded | None, ...]]
"""What is demanded of each of an application's sources at this moment."""


def nobodys(_: Application, sources: Sequence[Source]) -> tuple[SignaturesDemanded | None, ...]:
    """Nothing is demanded."""
    return (None,) * len(sources)
