"""What a process before this one left of an application, put to use at the first look at it.

Invariant: a render that is remembered is believed only where the Application says the same, and no operation
begins by it before a repo-server has said so again.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.desired import Basis, DesiredState
from fairlead.app_controller.comparing.item import Subject
from fairlead.app_controller.comparing.page import Page, recall
from fairlead.app_controller.looking.shelf import Shelf
from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.rendering.revisions import Revisions


class Recollection:
    """Recalls renders and ledgers from the shelf."""

    def __init__(self, shelf: Shelf, revisions: Revisions) -> None:
        self._shelf = shelf
        self._revisions = revisions

    async def page(self, record: Record) -> Page | None:
        """What was written down of an application of which nothing is known yet."""
        if record.desired is not None or not record.ledger.is_blank:
            self._shelf.taken(record)
            return None
        page = await self._shelf.page(record)
        if page is not None and record.render is None:
            await self._revisions.wait_read()
        return page

    def believed(self, record: Record, page: Page | None) -> Render | None:
        """The render of a page, moved on to where the application is now; None unless the status knows it."""
        if page is None:
            return None
        render, sync = page.render, record.app.status.sync
        said = sync.revisions or ((sync.revision,) if sync.revision else ())
        moved = self._revisions.laid_over(record, render.revisions)
        if not said or self._revisions.laid_over(record, said) != moved:
            return None
        if moved == render.revisions:
            return render
        if render.commits not in ((), render.revisions):
            return None
        return msgspec.structs.replace(render, revisions=moved, commits=moved)

    async def desired(
        self, record: Record, page: Page, subject: Subject, basis: Basis
    ) -> DesiredState | None:
        """The desired state of a page whose lines all hold, not opened; what holds of others is kept."""
        self._shelf.taken(record)
        if page.basis != basis:
            return None
        is_whole = await recall(page, subject, record.ledger)
        if is_whole:
            self._shelf.recalled(record)
        state = DesiredState(
            basis=basis, opened=None, catalogue=subject.cluster.discovery.catalogue, gist=page.gist
        )
        scopes, is_namespaced = page.gist.scopes, subject.cluster.discovery.is_namespaced
        is_right = all(is_namespaced(group, kind) == known for group, kind, known in scopes)
        return state if is_whole and is_right else None

    def left(self, record: Record) -> None:
        """A look ended: what it came to is written down, if that is something else."""
        self._shelf.note(record)
