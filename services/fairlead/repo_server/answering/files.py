"""Manifests of files that a client sends, as an application's source would make them.

Invariant: what was sent is gone when it is answered; nothing of it is remembered or reaches an application.
"""

import asyncio
import secrets
import shutil
from pathlib import Path

from fairlead.archives import (
    ArchiveRefusedError,
    ImportFailedError,
    Limits,
    create_repository,
    import_files,
    unpack,
)
from fairlead.bus import Handler, RemoteError
from fairlead.events import SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import Credential, GitError, GitInvalidError, GitProgram, Mirror
from fairlead.git.revisions import Resolved
from fairlead.render import (
    Lane,
    RenderError,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
)
from fairlead.repo_server.answering.answer import LARGEST_SET
from fairlead.repo_server.plugins.plugins import Plugins
from fairlead.repo_server.rendering import overrides
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.chosen_kustomize import ChosenKustomize
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.sidecars import Asking
from fairlead.repo_server.rendering.wish import asker_of, request_at
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.rpc import GeneratedManifests, RenderedSource
from fairlead.rpc.files import RENDER_FILES, RenderFiles

AT_ONCE = 2
"""Archives that are worked on at once."""
_BOUNDS = Limits(archive=6 << 20, unpacked=64 << 20, files=20_000)
"""Of what a client sends; a message of NATS holds no more."""


class FileRenders:
    """Answers `render-files`."""

    def __init__(
        self,
        *,
        supplier: Supplier,
        serving: Serving,
        settings: SettingsInForce,
        folder: Path,
        program: GitProgram,
        plugins: Plugins,
        pool: RenderPool,
        chosen: ChosenKustomize,
    ) -> None:
        self._program = program
        self._pool = pool
        self._chosen = chosen
        self._plugins = plugins
        self._supplier = supplier
        self._serving = serving
        self._settings = settings
        self._folder = folder.absolute()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {RENDER_FILES: self.render}

    async def render(self, _: str, payload: bytes) -> bytes:
        """`RenderFiles` → `GeneratedManifests`, with the documents. Refusals carry the failure's text."""
        asked = decode(RenderFiles, payload)
        if len(asked.wanted.sources) != 1:
            raise RemoteError("InvalidArgument", "files can be sent for applications with one source")
        folder = self._folder / f".files-{secrets.token_hex(8)}"
        async with self._gate:
            try:
                return encode(await self._rendered(asked, folder))
            except ArchiveRefusedError as error:
                raise RemoteError("InvalidArgument", f"the files cannot be unpacked: {error}") from error
            except (GitInvalidError, RenderInvalidError) as error:
                raise RemoteError("InvalidArgument", str(error)) from error
            except (GitError, ImportFailedError, RenderError, TimeoutError) as error:
                raise RemoteError("Unavailable", str(error) or "git took too long") from error
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _rendered(self, asked: RenderFiles, folder: Path) -> GeneratedManifests:
        await asyncio.to_thread(create_repository, folder)
        commit = await import_files(folder, unpack(asked.archive, _BOUNDS))
        if not await self._serving.learn(asked.wanted):
            raise RemoteError("Unavailable", "what the destination cluster serves is not known yet")
        (source,) = asked.wanted.sources
        serves = self._serving.of(asked.wanted)
        settings = self._settings.current
        resolved = Resolved(commit=commit)
        request = request_at(asked.wanted, source, folder, resolved, {}, serving=serves, settings=settings)
        asker = asker_of(asked.wanted, source, folder, commit)
        result = await self._made(asked.wanted, request, asker)
        if sum(map(len, result.documents)) > LARGEST_SET:
            raise RemoteError("InvalidArgument", f"the manifests are larger than {LARGEST_SET >> 20} MiB")
        rendered = RenderedSource(revision="", source_type=result.source_type)
        return GeneratedManifests(digest="", sources=(rendered,), documents=tuple(result.documents))

    async def _made(self, wish: SourcesWanted, request: RenderRequest, asker: Asker) -> RenderResult:
        """What the files come to, by whom they are for, with the overrides among them."""
        mirror = Mirror(self._program, request.mirror)
        try:
            request, _ = await overrides.applied(request, mirror, wish.instance, self._pool, Lane.QUESTION)
            result = await self._by_plugin(wish, request, mirror)
        finally:
            mirror.close()
            self._plugins.forget(request.mirror)
        if result is None and self._chosen.is_for(request):
            built, _ = await self._chosen.render(request, asker, Lane.QUESTION)
            return built
        if result is None:
            result, _ = await self._supplier.render(request, asker, Lane.QUESTION)
        return result

    async def _by_plugin(
        self, wish: SourcesWanted, request: RenderRequest, mirror: Mirror
    ) -> RenderResult | None:
        """What a plugin makes of the files; None when they are not for one."""
        asking = Asking(
            request=request,
            mirror=mirror,
            instance=wish.instance,
            url=wish.home,
            credential=Credential(),
            annotation=wish.manifest_generate_paths,
        )
        return (await self._plugins.rendered(asking, Lane.QUESTION)).result
