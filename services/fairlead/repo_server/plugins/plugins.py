"""Rendering by sidecars: which one renders a source, what it is sent, and what comes back.

Invariant: a source that a plugin renders, or may render, is rendered by nobody else; and as nobody knows
what a plugin reads, its manifests hold for the commit they were made of, unless somebody declared its paths.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from fairlead.git import GitProgram, Mirror
from fairlead.git.credentials import Credential
from fairlead.git.errors import scrub
from fairlead.git.tree import is_directory
from fairlead.manifest.errors import DocumentError
from fairlead.manifest.split import is_list, split
from fairlead.render import Lane, ReadEntry, RenderInvalidError, RenderPool, RenderResult
from fairlead.repo_server.plugins.credentials import handed_over
from fairlead.repo_server.plugins.discover import Discovery, Place
from fairlead.repo_server.plugins.environment import plugin_environment
from fairlead.repo_server.plugins.errors import NoPluginError, PluginError, PluginFailedError
from fairlead.repo_server.plugins.parcel import Kind, Parcels
from fairlead.repo_server.plugins.paths import common_root, declared
from fairlead.repo_server.plugins.patience import Patience
from fairlead.repo_server.plugins.sidecar import Matched, Work
from fairlead.repo_server.plugins.sockets import Socket, Sockets
from fairlead.repo_server.rendering.reads import folder
from fairlead.repo_server.rendering.sidecars import Asking, ByPlugin
from fairlead.repo_server.supplying.whole import Lacking, Wholes

log = structlog.get_logger(__name__)

SECONDS = 60.0
"""Seconds that a plugin has for a question (contract 7.5), its turn not counted."""
PLUGIN = "Plugin"
_TOOLS = ("helm", "kustomize", "directory")
_REMINDED = 10_000


class Plugins:
    """The sidecars of a folder. `expected` are plugins that are to be there, so that none is missed while it
    starts; `scratch` is a folder for what is being sent."""

    def __init__(
        self,
        sockets: Path,
        *,
        program: GitProgram,
        pool: RenderPool,
        scratch: Path,
        wholes: Wholes,
        expected: tuple[str, ...] = (),
    ) -> None:
        self._sockets = Sockets(sockets)
        self._patience = Patience()
        self._discovery = Discovery(self._sockets, self._patience, expected)
        self._parcels = Parcels(scratch, program)
        self._program = program
        self._wholes = wholes
        self._pool = pool
        self._reminded: set[str] = set()

    def close(self) -> None:
        """Let go of what is kept."""
        self._parcels.close()

    def forget(self, mirror: Path) -> None:
        """Keep nothing of a repository."""
        self._parcels.forget(mirror)

    def names(self) -> list[str]:
        """The plugins that are there."""
        return [socket.sidecar.name for socket in self._sockets.all()]

    def may_render(self, options: Mapping[str, object]) -> bool:
        """Whether a source with these options is one for a plugin, or may be."""
        if _names_plugin(options):
            return True
        return self._discovery.is_needed and all(options.get(tool) is None for tool in _TOOLS)

    async def rendered(self, asking: Asking, lane: Lane) -> ByPlugin:
        """The manifests of a source, or that it is not for a plugin.

        Raises PluginError, RenderInvalidError, GitError.
        """
        request = asking.request
        is_named = _names_plugin(request.options)
        if not self.may_render(request.options):
            return ByPlugin()
        path = folder(request.path)
        tree = await _tree(asking.mirror, request.commit, path)
        if not tree:
            return ByPlugin()  # whoever renders it says what is wrong with the path
        place = Place(path=path, tree=tree, environment=plugin_environment(request))
        if asking.is_fresh:
            self._discovery.forget(place)
        try:
            socket = await self._chosen(asking, place)
            if socket is None:
                if is_named:
                    raise NoPluginError("could not find plugin supporting the given repository")
                return ByPlugin(reads=(ReadEntry(path=path, kind="tree", oid=tree),))
            return await self._generated(socket, asking, place, lane)
        except PluginError as error:
            words = f'CMP processing failed for application "{asking.instance}": {error}'
            raise type(error)(_scrubbed(words, asking.credential)) from error

    async def announced(self, asking: Asking) -> list[dict[str, object]] | None:
        """The parameters that the source's plugin knows; None when it is not for a plugin. Raises as
        `rendered`."""
        request = asking.request
        path = folder(request.path)
        tree = await _tree(asking.mirror, request.commit, path)
        if not tree or not self.may_render(request.options):
            return None
        place = Place(path=path, tree=tree, environment=plugin_environment(request))
        socket = await self._chosen(asking, place)
        if socket is None:
            return None
        lacking = await self._lacking(asking)
        async with self._parcels.of(self._kind(asking, "", lacking)) as parcel:
            work = Work(parcel=parcel, path=path, environment=place.environment)
            return await self._patience.asked(socket, lambda: socket.sidecar.announcements(work, SECONDS))

    async def _chosen(self, asking: Asking, place: Place) -> Socket | None:
        """The sidecar that renders a source; None when it names none and none says that it would."""

        async def ask(socket: Socket) -> Matched:
            async with self._parcels.of(self._kind(asking, "")) as parcel:
                work = Work(parcel=parcel, path=place.path, environment=place.environment)
                return await socket.sidecar.matches(work, SECONDS)

        block = asking.request.options.get("plugin")
        name = str(block.get("name") or "") if isinstance(block, Mapping) else ""
        if not name:
            return await self._discovery.find(place, ask)
        socket = self._sockets.named(name)
        unfit = NoPluginError(
            f'could not find cmp-server plugin with name "{name}" supporting the given repository'
        )
        if socket is None:
            raise unfit
        configuration = await self._patience.asked(socket, lambda: self._sockets.configuration(socket))
        if configuration.is_discovery_configured:
            matched = await self._discovery.matched(socket, place, ask)
            if not matched.is_supported and matched.is_discovery_enabled:
                raise unfit
        return socket

    async def _generated(self, socket: Socket, asking: Asking, place: Place, lane: Lane) -> ByPlugin:
        paths = declared(asking.annotation, place.path)
        root = common_root(paths, place.path) if asking.request.settings.plugin_uses_generate_paths else ""
        configuration = await self._sockets.configuration(socket)
        environment = dict(place.environment)
        warnings: list[str] = []
        if configuration.provide_git_creds:
            environment |= handed_over(await self._opened(asking), asking.url, warnings)
        lacking = await self._lacking(asking)
        async with self._parcels.of(self._kind(asking, root, lacking)) as parcel:
            below = place.path[len(root) :].strip("/") if root else place.path
            work = Work(parcel=parcel, path=below, environment=environment)
            try:
                texts = await self._patience.asked(socket, lambda: socket.sidecar.generate(work, SECONDS))
            except PluginFailedError as error:
                raise PluginFailedError(f"error generating manifests in cmp: {error}") from error
        reads = await _reads(asking, paths)
        if not reads[0].oid and reads[0].kind == "tree":
            warnings += self._reminder(asking, socket)
        documents = await self._documents(texts, socket.sidecar.name, lane)
        result = RenderResult(documents=documents, source_type=PLUGIN, reads=reads, warnings=tuple(warnings))
        return ByPlugin(result=result, opened=lacking.opened)

    async def _lacking(self, asking: Asking) -> Lacking:
        """What the commit's tree lacks; to say whether it renders a source, a plugin needs none of it."""
        return await self._wholes.lacking(asking.request, asking.asker) if asking.asker else Lacking()

    async def _opened(self, asking: Asking) -> Credential:
        """The repository's credential, or the token that it is exchanged for. Raises GitError."""
        identities = self._program.identities
        if identities is None:
            return asking.credential
        return await identities.opened(asking.url, asking.credential)

    async def _documents(self, texts: list[str], name: str, lane: Lane) -> list[bytes]:
        """The objects of what was printed, as Kubernetes reads them."""
        text = "\n---\n".join(texts).encode(errors="replace")
        try:
            found = await self._pool.documents(text, name=f"plugin {name}", lane=lane)
            return [single for document in found for single in _opened(document)]
        except (RenderInvalidError, DocumentError) as error:
            words = f"failed to convert CMP manifests to unstructured objects: {error}"
            raise PluginFailedError(words) from error

    def _kind(self, asking: Asking, root: str, lacking: Lacking | None = None) -> Kind:
        request = asking.request
        return Kind(
            mirror=request.mirror,
            commit=request.commit,
            root=root,
            excluded=request.settings.plugin_tar_exclusions,
            grafts=tuple(sorted(lacking.grafts.items(), key=lambda item: item[0])) if lacking else (),
        )

    def _reminder(self, asking: Asking, socket: Socket) -> list[str]:
        """That it is rendered with every commit, said once of an application."""
        if asking.instance in self._reminded:
            return []
        if len(self._reminded) >= _REMINDED:
            self._reminded.clear()
        self._reminded.add(asking.instance)
        return [
            f"what plugin {socket.sidecar.name} reads is not known: every commit renders {asking.instance} "
            "anew, unless argocd.argoproj.io/manifest-generate-paths says what it reads"
        ]


async def _reads(asking: Asking, paths: tuple[str, ...]) -> tuple[ReadEntry, ...]:
    """What the render is taken to depend on: the declared paths, else this very commit."""
    whole = ReadEntry(path="", kind="tree")
    if not paths or "" in paths:
        return (whole,)
    found = await asking.mirror.paths.ids(asking.request.commit, paths)
    return tuple(_entry(path, what) for path, what in zip(paths, found, strict=True))


def _entry(path: str, what: str) -> ReadEntry:
    mode, _, oid = what.partition(" ")
    if not oid:
        return ReadEntry(path=path, kind="missing")
    return ReadEntry(path=path, kind="tree" if is_directory(mode.encode()) else "blob", oid=oid)


async def _tree(mirror: Mirror, commit: str, path: str) -> str:
    """The tree of a folder; "" when there is no folder."""
    [found] = await mirror.paths.ids(commit, [path])
    mode, _, oid = found.partition(" ")
    return oid if is_directory(mode.encode()) else ""


def _names_plugin(options: Mapping[str, object]) -> bool:
    return isinstance(options.get("plugin"), Mapping)


def _opened(document: bytes) -> list[bytes]:
    """The objects of a document: a list's items. Raises DocumentError for what is no object."""
    objects = split([document])
    is_single = len(objects) == 1 and not is_list(msgspec.json.decode(document))
    return [document] if is_single else [msgspec.json.encode(one, order="deterministic") for one in objects]


def _scrubbed(words: str, credential: Credential) -> str:
    return scrub(words, credential.secrets())
