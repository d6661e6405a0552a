"""The keys whose signatures may count, as `argocd-gpg-keys-cm` has them (contract 11.6).

Invariant: an entry that cannot be used is said once, by name, and counts as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from fairlead.app_controller.following.hand_over import SIGNING_KEYS
from fairlead.events import SignaturesDemanded
from fairlead.matching.integrity import demanded
from fairlead.model.appproject import AppProject
from fairlead.model.source import Source
from fairlead.signatures import Keyring

log = structlog.get_logger(__name__)


class SigningKeys:
    """The keyring of this moment. `on_change` is told when it is another; with `is_enabled` false nothing is
    demanded of anybody, whatever projects say (ARGOCD_GPG_ENABLED)."""

    def __init__(self, on_change: Callable[[], None], *, is_enabled: bool = True) -> None:
        self._on_change = on_change
        self._is_enabled = is_enabled
        self._entries: dict[str, str] = {}
        self._keyring = Keyring()

    def take(self, name: str, data: Mapping[str, str]) -> None:
        """A ConfigMap is there, or another."""
        if name != SIGNING_KEYS or data == self._entries:
            return
        before = self._keyring
        self._entries, self._keyring = dict(data), Keyring.of(data)
        for entry, reason in self._keyring.unread.items():
            if before.unread.get(entry) != reason:
                log.warning("signing_key.refused", entry=entry, reason=reason)
        self._on_change()

    def demanded(
        self, project: AppProject | None, sources: Sequence[Source]
    ) -> tuple[SignaturesDemanded | None, ...]:
        """What a project demands of each of these sources."""
        if project is None or not self._is_enabled:
            return (None,) * len(sources)
        return demanded(project.spec, sources, self._keyring)
