"""For which set something is asked, and with what.

Invariant: the rules are asked before a Secret is read.
"""

from __future__ import annotations

import msgspec

from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.applicationset_controller.generating.hosts.shown import Credentials
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.model.providers import ConfigMapKeyRef


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One generator of one set, at work."""

    sources: Sources
    namespace: str
    name: str = ""

    @property
    def hosts(self) -> Hosts:
        """What asks."""
        return self.sources.hosts

    @property
    def credentials(self) -> Credentials:
        """What is shown."""
        return self.hosts.credentials(self.sources, self.namespace)

    @property
    def owner(self) -> tuple[str, str]:
        """For whom requests are counted."""
        return self.namespace, self.name

    def admit(self, api: str = "") -> None:
        """Raises GeneratorError for an address the operator does not allow; "" is the public one."""
        self.hosts.rules.admit(api, self.namespace)

    def admit_named_by_secret(self, api: str) -> None:
        """The same of an address in a Secret; those beside the control plane are the operator's. Raises
        GeneratorError."""
        if self.namespace != self.hosts.rules.namespace:
            self.admit(api)

    async def authorities(self, reference: ConfigMapKeyRef | None = None) -> str:
        """Certificates beside the system's."""
        return await self.credentials.authorities(reference, self.hosts.rules.root_ca)
