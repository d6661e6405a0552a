"""Applications that are gone, by the project they were in: who may hear what is still told of them.

The invariant: of what is not known here any more nobody hears. One that is gone is remembered though another
of its name is there: what happened to it is not told to who may see that one alone.
"""

from collections import OrderedDict

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.mirror import Change

KEPT = 1000
"""Applications that are remembered, those that left last."""


class Departed:
    """The last of them."""

    def __init__(self) -> None:
        self._documents: OrderedDict[str, ApplicationDocument] = OrderedDict()

    def take(self, change: Change[ApplicationDocument]) -> None:
        """One change of the mirror."""
        if change.type == "DELETED":
            key = change.value.key
            self._documents.pop(key, None)
            self._documents[key] = change.value
            if len(self._documents) > KEPT:
                self._documents.popitem(last=False)

    def get(self, key: str) -> ApplicationDocument | None:
        """What an application was when it left."""
        return self._documents.get(key)
