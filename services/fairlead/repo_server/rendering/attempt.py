"""One render of one source: by a plugin that is for it, the operator's Kustomize, or an engine.

Invariant: whoever renders, the result names all that it read; who cannot say that has read the whole commit.
"""

from typing import NamedTuple

import msgspec
import structlog

from fairlead.events import Capabilities, RenderSettings
from fairlead.git import MirrorCorruptError
from fairlead.render import (
    EngineFailureError,
    Lane,
    ReadEntry,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
)
from fairlead.repo_server.counts import PENDING, shown
from fairlead.repo_server.rendering import overrides
from fairlead.repo_server.rendering.after_build import Finishing
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.located import SourceAt
from fairlead.repo_server.rendering.sidecars import Sidecars
from fairlead.repo_server.supplying.supply import Supplier

log = structlog.get_logger(__name__)

WHOLE = ReadEntry(path="", kind="tree")
"""All of a commit."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How a render is wanted: `anew` uses no record, `hard` ends pauses too; `lane` is whom it may delay.

    With `is_aside` it is of other commits than those that are deployed, whose records stay. What is
    `of_strangers` may be anybody's text: nothing is run, opened or decrypted for it, and no record
    of another render is used.
    """

    anew: bool = False
    hard: bool = False
    lane: Lane = Lane.DEPLOYMENT
    is_aside: bool = False
    of_strangers: bool = False


class Facts(NamedTuple):
    """What a render depends on beside Git: what the destination serves, and the installation's settings."""

    serving: Capabilities
    settings: RenderSettings


class Done(NamedTuple):
    """A render that was made: the request as it was in the end, what was read for it beside what the engine
    read, and the addresses that were opened for it with credentials."""

    request: RenderRequest
    result: RenderResult
    extra: tuple[ReadEntry, ...]
    opened: tuple[str, ...]


class Attempts:
    """Makes renders."""

    def __init__(
        self,
        pool: RenderPool,
        supplier: Supplier,
        sidecars: Sidecars | None = None,
        chosen: ChosenKustomize | None = None,
        finishing: Finishing | None = None,
    ) -> None:
        self._finishing = finishing
        self._pool = pool
        self._alone = Supplier(pool)
        self._supplier = supplier
        self._sidecars = sidecars
        self._chosen = chosen

    async def made(self, at: SourceAt, facts: Facts, asked: Asked) -> Done:
        """A render; a mirror that cannot be read is cloned again, once.

        Raises RenderError, InvalidWishError, GitError.
        """
        generation = at.repository.mirror.generation
        pending = PENDING.labels(shown(at.source.repo_url))
        try:
            with pending.track_inprogress():
                return await self._attempt(at, facts, asked)
        except (EngineFailureError, MirrorCorruptError) as error:
            log.warning("mirror.unreadable", mirror=at.repository.mirror.name, error=str(error))
            await at.repository.renew(generation)
            await self._pool.retire()
            return await self._attempt(at, facts, asked)

    async def overridden(
        self, at: SourceAt, facts: Facts, lane: Lane
    ) -> tuple[RenderRequest, tuple[ReadEntry, ...]]:
        """The request with what the repository says beside the manifests, and what was read for that.

        Overrides may name files of other sources that the Application itself does not.
        """
        wanted = at.request(*facts)
        wanted, extra = await overrides.applied(
            wanted, at.repository.mirror, at.wish.instance, self._pool, lane
        )
        at.require_one_revision(wanted.options)
        return msgspec.structs.replace(wanted, refs=at.refs(wanted.options)), extra

    async def _attempt(self, at: SourceAt, facts: Facts, asked: Asked) -> Done:
        """What is built, and finished as the wish says."""
        done, after = await self._built(at, facts, asked), at.wish.after_build
        if self._finishing is None or after is None:
            return done
        documents = await self._finishing.finished(after, done.result.documents, done.result.reads)
        return done._replace(result=msgspec.structs.replace(done.result, documents=documents))

    async def _built(self, at: SourceAt, facts: Facts, asked: Asked) -> Done:
        """What may be another thing tomorrow under the same name holds for this commit alone."""
        if asked.of_strangers:
            return await self._strange(at, facts, asked)
        request, extra = await self.overridden(at, facts, asked.lane)
        if self._sidecars is not None:
            found = await self._sidecars.rendered(at.asking(request, is_fresh=asked.hard), asked.lane)
            extra = (*extra, *found.reads)
            if found.result is not None:
                return Done(request, found.result, extra, found.opened)
        asker = at.asker(request.refs, is_fresh=asked.hard)
        if self._chosen is not None and self._chosen.is_for(request):
            built, opened = await self._chosen.render(request, asker, asked.lane)
            return Done(request, built, extra, opened)
        result, supplied = await self._supplier.render(request, asker, asked.lane)
        if not supplied.is_settled:
            extra = (*extra, WHOLE)
        return Done(request, result, extra, supplied.opened)

    async def _strange(self, at: SourceAt, facts: Facts, asked: Asked) -> Done:
        """What strangers wrote, from what they wrote alone."""
        request, extra = await self.overridden(at, facts, asked.lane)
        is_chosen = self._chosen is not None and self._chosen.is_for(request)
        for is_so, what in (
            (at.wish.after_build is not None, "what is decrypted or filled in after a build"),
            (len(at.wish.sources) > 1, "several sources"),
            ("plugin" in request.options, "a plugin"),
            (is_chosen, "a Kustomize of the operator's"),
        ):
            if is_so:
                raise RenderInvalidError(
                    f"what strangers wrote is not rendered with {what}", code="strangers"
                )
        result, _ = await self._alone.render(request, at.asker(request.refs, is_fresh=False), asked.lane)
        return Done(request, result, extra, ())
