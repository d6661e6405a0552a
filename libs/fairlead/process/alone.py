"""A member of a group of one, for a process that only observes: it holds no Lease, for that would be a write.

Invariant: it owns everything there is to be looked at; what may be written is not for it to say but for
`kube.fence`, which lets nothing out of such a process.
"""

import asyncio

from fairlead.kube.rest import KubeClient
from fairlead.process.membership import Membership


class Alone(Membership):
    """Owns each key from the start, and asks nobody."""

    def __init__(self, client: KubeClient, namespace: str, group: str) -> None:
        super().__init__(client, namespace, group, on_change=lambda: None)

    @property
    def is_valid(self) -> bool:
        """There is nobody else who could hold it."""
        return True

    def owns(self, key: str) -> bool:
        """Whatever it is."""
        return True

    async def run(self) -> None:
        """Be a member until cancelled."""
        self._joined.set()
        await asyncio.Event().wait()
