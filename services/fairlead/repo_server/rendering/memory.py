"""What was rendered before, and whether it holds for a source now: its own render, or another's like it.

Invariant: a record is used only where all that it read is proven to be the same, the options and what else
matters to its tool are, and the project permits the addresses that were opened for it.
"""

from collections import OrderedDict

import msgspec

from fairlead.cache import Key
from fairlead.events import Capabilities
from fairlead.git import MirrorCorruptError
from fairlead.git.changes import Changes, changes_between
from fairlead.render import RenderPool
from fairlead.render.request import PLUGIN
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering import overrides
from fairlead.repo_server.rendering.attempt import Done, Facts
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.located import SourceAt
from fairlead.repo_server.rendering.reads import folder, is_alike, reading_of, readings
from fairlead.repo_server.rendering.records import Record, Records
from fairlead.repo_server.rendering.wish import name_of
from fairlead.repo_server.supplying.provider import rules_digest

MEMORABLE_CHANGES = 64
"""Comparisons of two commits that are remembered."""
MEMORABLE_PATHS = 20_000
"""Paths of repositories of which it is remembered who rendered them last."""
ALIKE = 8
"""Renders of one path that are looked through for one that another application may use."""


class Memory:
    """Records by what was asked."""

    def __init__(
        self, pool: RenderPool, records: Records, serving: Serving, settings: SettingsInForce
    ) -> None:
        self._pool = pool
        self._records = records
        self._serving = serving
        self._settings = settings
        self._changes: dict[tuple[str, str, str], Changes] = {}
        self._rendered: OrderedDict[tuple[str, str, str], dict[str, str]] = OrderedDict()

    def facts(self, at: SourceAt) -> Facts:
        """What a render depends on beside Git, at this moment; it is known what the destination serves."""
        return Facts(self._serving.of(at.wish), self._settings.current)

    async def knows(self, at: SourceAt) -> bool:
        """Whether it is known what the destination of an application serves."""
        return await self._serving.learn(at.wish)

    def name(self, at: SourceAt) -> str:
        """The name of a source's record: neither its commit nor its cluster is part of it."""
        request = at.request(Capabilities(), self._settings.current)
        told = "\n".join(filter(None, (at.wish.instance, at.wish.manifest_generate_paths, _after(at))))
        return name_of(request, at.repository, told, self._pool.engine_version)

    def key(self, name: str, at: SourceAt) -> str:
        """Names a render by all that it depends on, the cluster's version and kinds and the project's rules
        included: what was made under other rules is nobody's who has these."""
        commits = ",".join(found.commit for found in at.located)
        options = at.request(*self.facts(at)).options_digest()
        return f"{name}@{commits}@{options}@{rules_digest(at.wish.project, at.wish.source_repos)}"

    def place(self, at: SourceAt) -> str:
        """Names what is rendered, whoever it is for: a path at the commits of the sources."""
        commits = ",".join(found.commit for found in at.located)
        return "@".join((*_where(at), commits))

    async def load(self, names: list[str]) -> None:
        """Bring records into memory."""
        await self._records.load(names)

    async def last(self, name: str) -> Record | None:
        """The record of this name, whether it holds or not."""
        return await self._records.get(name)

    async def forget(self, name: str) -> None:
        """Whoever asks next renders."""
        await self._records.forget(name)

    async def remembered(self, at: SourceAt, name: str = "") -> Record | None:
        """The record of a source, if it holds at these commits; `name` is its name where that is known."""
        record = await self._records.get(name or self.name(at))
        if record is None or not await self.knows(at):
            return None
        return record if await self._is_good(record, at) else None

    async def alike(self, at: SourceAt) -> Record | None:
        """A render of another application that would be the same here, as this source's own record.

        None where a file beside the manifests is for this application alone.
        """
        others = self._rendered.get(_where(at))
        if not others or await self._has_own(at):
            return None
        for name, their_own in reversed(others.items()):
            record = self._records.kept(name)
            if record is not None and await self._is_good(record, at):
                return await _adopted(record, their_own, at)
        return None

    async def record(self, at: SourceAt, done: Done, digest: str) -> Record:
        """What is to be remembered of a render."""
        used = {ref: at.commits[ref] for ref in ("", *done.request.refs)}
        now = at.request(self.facts(at).serving, done.request.settings)
        bound = msgspec.structs.replace(now, submodules=done.request.submodules, lfs=done.request.lfs)
        return Record(
            digest=digest,
            source_type=done.result.source_type,
            options=bound.options_digest(done.result.source_type),
            readings=await readings((*done.result.reads, *done.extra), used),
            opened=done.opened,
            is_common=done.result.source_type != PLUGIN and not overrides.are_there(done.extra),
        )

    def stored(self, name: str, record: Record) -> dict[Key, bytes]:
        """A record as it goes to Redis, along with the manifests it names."""
        return self._records.stored(name, record)

    def keep(self, name: str, record: Record) -> None:
        """Remember a record that is stored."""
        self._records.keep(name, record)

    async def adopt(self, name: str, record: Record) -> None:
        """Remember a record whose manifests another application brought."""
        await self._records.put(name, record)

    def offer(self, name: str, record: Record, at: SourceAt) -> None:
        """Let other applications of the path use a record that holds."""
        if not record.is_common:
            return
        where = _where(at)
        offered = self._rendered.pop(where, {})
        offered.pop(name, None)
        offered[name] = overrides.own_path(at.source.path, at.wish.instance)
        while len(offered) > ALIKE:
            del offered[next(iter(offered))]
        self._rendered[where] = offered
        while len(self._rendered) > MEMORABLE_PATHS:
            self._rendered.popitem(last=False)

    async def changes(self, repository: Repository, old: str, new: str) -> Changes:
        """What differs between two commits; everything, when one of them is not in the mirror."""
        key = (repository.mirror.name, old, new)
        if key not in self._changes:
            try:
                found = await changes_between(repository.mirror.trees, old, new)
            except MirrorCorruptError:
                return Changes(None)
            while len(self._changes) >= MEMORABLE_CHANGES:
                del self._changes[next(iter(self._changes))]
            self._changes[key] = found
        return self._changes[key]

    async def _is_good(self, record: Record, at: SourceAt) -> bool:
        """Whether a record is what this source would be rendered to."""
        if record.options != at.request(*self.facts(at)).options_digest(record.source_type):
            return False
        if record.opened and not all(map(at.asker().may_have, record.opened)):
            return False
        now = at.commits
        for ref, reading in record.readings.items():
            repository, commit = now.get(ref, (None, ""))
            if repository is None:
                return False
            if commit != reading.commit and not await is_alike(repository, commit, reading):
                return False
        return True

    @staticmethod
    async def _has_own(at: SourceAt) -> bool:
        own = overrides.own_path(at.source.path, at.wish.instance)
        [found] = await at.repository.mirror.paths.ids(at.here.commit, (own,))
        return bool(found)


def _where(at: SourceAt) -> tuple[str, str, str]:
    """What is done after the build is done with what one project may use."""
    after = f"{at.wish.project}@{_after(at)}" if _after(at) else ""
    return at.repository.mirror.name, folder(at.source.path), after


def _after(at: SourceAt) -> str:
    return at.wish.after_build.digest if at.wish.after_build is not None else ""


async def _adopted(record: Record, their_own: str, at: SourceAt) -> Record:
    """The same record as that of another application: the file that would be for that one counts no more, the
    one that would be for ours does."""
    own = overrides.own_path(at.source.path, at.wish.instance)
    reading = record.readings[""]
    paths = (*(path for path in reading.paths if path != their_own), own)
    mine = await reading_of(at.repository, at.here.commit, paths, is_certain=bool(reading.proof))
    return msgspec.structs.replace(record, readings={**record.readings, "": mine})
