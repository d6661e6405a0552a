"""Applications that newer commits left as they were, shown at the newest.

Invariant: nothing is written for them, and what is shown is the revision whose manifests are theirs.
"""

from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.bus import Bus
from fairlead.bus.topology import HISTORIES_BUCKET
from fairlead.events.ref_history import RefHistories

MAX_KEPT = 20_000
"""Applications whose shown form is remembered."""

Kept = tuple[ApplicationDocument, ApplicationDocument]
"""An application as it is written, and as it is shown."""


class Moved:
    """The histories of followed refs, and applications seen with them."""

    def __init__(self, bus: Bus) -> None:
        self._bucket = bus.key_value(HISTORIES_BUCKET)
        self.histories = RefHistories()
        self._shown: dict[str, Kept] = {}

    async def run(self) -> None:
        """Follow the histories until cancelled."""
        async for entry in self._bucket.watch():
            if entry.key:
                self.take(entry.key, entry.value)

    def take(self, key: str, value: bytes | None) -> None:
        """One history as its bucket has it."""
        self.histories.take(key, value)

    def shown(self, document: ApplicationDocument) -> ApplicationDocument:
        """The application with the revisions it is at."""
        app = (document.namespace, document.name)
        now = tuple(
            self.histories.laid_over(app, document.home, *followed, revision)
            for followed, revision in zip(document.follows, document.revisions, strict=False)
        )
        if now == document.revisions:
            return document
        kept = self._shown.get(document.uid)
        if kept is None or kept[0] is not document or kept[1].revisions != now:
            replaced = msgspec.structs.replace(document, revisions=now, json=_with(document.json, now))
            kept = self._keep(document, replaced)
        return kept[1]

    def repositories_at(self, revision: str) -> list[str]:
        """The repositories of which a followed ref is at a revision that begins so."""
        return self.histories.repositories_at(revision)

    def _keep(self, document: ApplicationDocument, shown: ApplicationDocument) -> Kept:
        """Remember what is shown of an application, so that lists need not make it again."""
        if len(self._shown) >= MAX_KEPT:
            self._shown.pop(next(iter(self._shown)))
        self._shown[document.uid] = kept = (document, shown)
        return kept


def _with(json: bytes, revisions: tuple[str, ...]) -> bytes:
    app: dict[str, Any] = msgspec.json.decode(json)
    sync = app["status"]["sync"]
    if "revisions" in sync:
        sync["revisions"] = revisions
    else:
        sync["revision"] = revisions[0]
    return msgspec.json.encode(app)
