"""Rendering what is not whole in its repository: the engine says what it misses, and goes on with it.

Invariant: what is missing is obtained between two tries, while no engine waits; rounds, wants and time are
bounded.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

import msgspec
import structlog

from fairlead.cache import SingleFlight
from fairlead.git import GitError, GitInvalidError
from fairlead.matching.repository import without_password
from fairlead.render import (
    Lane,
    RenderError,
    RenderInvalidError,
    RenderNeedsError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
    Supply,
    Want,
)
from fairlead.repo_server.supplying.provider import Asker, Obtained, Provider, rules_digest

log = structlog.get_logger(__name__)

MAX_ROUNDS = 12
"""Tries of one render that ended with something missing: bases of bases, each seen only in the one before."""
MAX_WANTS = 256
"""Things that one render may need from elsewhere."""
AT_ONCE = 8
"""Things obtained at once for one render."""
SECONDS = 90.0
"""For one thing: what tools may take (contract 21)."""
REMEMBERED = 4096
"""Things of which it was said that they are not settled."""


class Supplied(msgspec.Struct, kw_only=True):
    """What was obtained for one render, by the keys of the wants."""

    obtained: dict[str, Obtained] = {}

    @property
    def supplies(self) -> dict[str, Supply]:
        """The same for the engine."""
        return {key: Supply(mirror=one.mirror, object=one.object) for key, one in self.obtained.items()}

    def seen(self, asker: Asker) -> Asker:
        """The same asker, who knows the repositories that were obtained."""
        found = [(key, one.origin) for key, one in self.obtained.items() if one.origin is not None]
        return msgspec.structs.replace(asker, origins=(*asker.origins, *found)) if found else asker

    @property
    def is_settled(self) -> bool:
        """Whether all of it is what its name will mean for ever."""
        return all(one.settled for one in self.obtained.values())

    @property
    def opened(self) -> tuple[str, ...]:
        """The addresses that were read with credentials."""
        return tuple(sorted({url for one in self.obtained.values() for url in one.opened}))


class Supplier:
    """Renders with a pool, and obtains what is missing from the `providers`, by kind of want."""

    def __init__(self, pool: RenderPool, providers: Mapping[str, Provider] | None = None) -> None:
        self._pool = pool
        self._providers = providers or {}
        self._flights: SingleFlight[Obtained] = SingleFlight()
        self._said: OrderedDict[str, None] = OrderedDict()

    async def render(
        self, request: RenderRequest, asker: Asker, lane: Lane = Lane.DEPLOYMENT
    ) -> tuple[RenderResult, Supplied]:
        """Render, however many rounds it takes within MAX_ROUNDS. Raises RenderError."""
        supplied = Supplied()
        for _ in range(MAX_ROUNDS):
            try:
                return await self._pool.render(request, lane=lane), supplied
            except RenderNeedsError as error:
                missing = error
            await self._obtain_missing(missing, supplied.seen(asker), supplied)
            request = msgspec.structs.replace(request, supplies=supplied.supplies)
        text = f"{missing.file}: what it needs needs more, {MAX_ROUNDS} times over"
        raise RenderInvalidError(text, code="limit", file=missing.file, reads=missing.reads)

    async def obtain(self, wants: tuple[Want, ...], asker: Asker) -> dict[str, Obtained]:
        """Everything wanted, by key. Raises the RenderError of the first that cannot be had."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def obtained(want: Want) -> Obtained | RenderError:
            async with gate:
                try:
                    return await self._one(want, asker)
                except RenderError as error:
                    return error

        async with asyncio.TaskGroup() as group:
            tasks = {want.key: group.create_task(obtained(want)) for want in wants}
        found: dict[str, Obtained] = {}
        for key, task in tasks.items():
            outcome = task.result()
            if isinstance(outcome, RenderError):
                raise outcome
            found[key] = outcome
        return found

    async def _obtain_missing(self, missing: RenderNeedsError, asker: Asker, supplied: Supplied) -> None:
        """What the failure names. The failure of one is that of the render, and depends on what that read."""
        if len(supplied.obtained) + len(missing.wants) > MAX_WANTS:
            text = f"{missing.file}: more than {MAX_WANTS} things are needed from elsewhere"
            raise RenderInvalidError(text, code="limit", file=missing.file, reads=missing.reads)
        if unprovided := [want for want in missing.wants if want.kind not in self._providers]:
            text = str(missing) if len(unprovided) == len(missing.wants) else unprovided[0].refusal
            raise RenderInvalidError(text, code="remote", file=unprovided[0].file, reads=missing.reads)
        try:
            supplied.obtained |= await self.obtain(missing.wants, asker)
        except RenderError as error:
            file = error.file or missing.file
            raise type(error)(str(error), code=error.code, file=file, reads=missing.reads) from error

    async def _one(self, want: Want, asker: Asker) -> Obtained:
        rules = rules_digest(asker.project, asker.source_repos)
        key = f"{want.key}@{rules}@{asker.url}@{asker.commit}@{asker.fresh}@{asker.pass_credentials}"
        where = f"{want.file}: " if want.file else ""
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._flights.run(key, lambda: self._providers[want.kind].supply(want, asker))
        except GitInvalidError as error:
            raise RenderInvalidError(f"{where}{error}", code="remote", file=want.file) from error
        except GitError as error:
            raise RenderTransientError(f"{where}{error}", code="remote", file=want.file) from error
        except TimeoutError as error:
            text = f"{where}{named(want)} could not be had within {SECONDS:g} s"
            raise RenderTransientError(text, code="remote", file=want.file) from error
        log.debug("render.supplied", kind=want.kind, object=found.object, settled=found.settled)
        if not found.settled:
            self._warn(want, asker)
        return found

    def _warn(self, want: Want, asker: Asker) -> None:
        """Say once that every commit renders anew what may be another thing under the same name."""
        key = f"{want.key}@{asker.url}"
        if key not in self._said:
            log.warning("render.unsettled", repository=without_password(asker.url), wanted=named(want))
        self._said[key] = None
        while len(self._said) > REMEMBERED:
            self._said.popitem(last=False)


def named(want: Want) -> str:
    """A want as people are told of it, without the password an address may have."""
    match want.kind:
        case "chart":
            return f"chart {want.name} {want.version} of {without_password(want.repository)}"
        case "submodule" | "lfs":
            return f"{want.kind} {want.path}"
        case _:
            return f"{without_password(want.url)}{' at ' + want.revision if want.revision else ''}"
