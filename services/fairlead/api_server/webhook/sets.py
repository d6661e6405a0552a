"""The ApplicationSets as the webhook sees them: which an event concerns, and how they are woken.

Invariant: an answer is of the mirror as it is now.
"""

from fairlead.api_server.mirror import Mirror
from fairlead.api_server.set_documents import SetDocument
from fairlead.matching.generators import Interested, Name
from fairlead.webhooks.happenings import happenings
from fairlead.webhooks.push import Told
from fairlead.webhooks.refresh import Kube, Refreshes


class Sets:
    """All sets that the API shows."""

    def __init__(self, sets: Mirror[SetDocument], kube: Kube) -> None:
        self._sets = sets
        self._refreshes = Refreshes(kube)
        self._interested = Interested()
        self._as_of = -1

    def concerned(self, told: tuple[Told, ...]) -> list[Name]:
        """The sets whose generators look at what a payload is about."""
        self._bring_up_to_date()
        return list(dict.fromkeys(name for each in happenings(told) for name in self._interested.of(each)))

    async def wake(self, names: list[Name]) -> None:
        """Return once all of them are asked to look. Raises KubeError."""
        await self._refreshes.ask(names)

    def _bring_up_to_date(self) -> None:
        if self._as_of == self._sets.changed:
            return
        self._as_of = self._sets.changed
        known = {(document.namespace, document.name): document for document in self._sets.unsorted()}
        for name in self._interested.names() - known.keys():
            self._interested.drop(name)
        for name, document in known.items():
            self._interested.put(name, document.interests)
