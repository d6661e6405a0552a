"""What an application asks for that has no effect yet, as conditions of it.

Invariant: each is a sentence of `settings.unheeded`, which others than the controller say as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from fairlead.app_controller.comparing.item import Remark
from fairlead.model.application import Application
from fairlead.model.status import ConditionType
from fairlead.settings import unheeded as sentences

MAX_SAID: Final = 10


def unheeded(app: Application) -> Iterator[Remark]:
    """One condition for each, at most MAX_SAID."""
    for text in islice(sentences.unheeded(app), MAX_SAID):
        yield Remark(ConditionType.UNHEEDED_WARNING, text)


def unhydrated(app: Application) -> Iterator[Remark]:
    """That of an application with a dry source while nothing is hydrated."""
    for text in sentences.unhydrated(app):
        yield Remark(ConditionType.UNHEEDED_WARNING, text)
