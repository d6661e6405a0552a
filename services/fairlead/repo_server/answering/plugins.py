"""Answers about the plugins beside this repo-server."""

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError
from fairlead.render import Lane, RenderError
from fairlead.repo_server.answering.respond import Responder
from fairlead.repo_server.plugins.plugins import Plugins
from fairlead.repo_server.rendering.located import Located, SourceAt
from fairlead.repo_server.rendering.render import Renderer, SourceError
from fairlead.repo_server.rendering.wish import InvalidWishError
from fairlead.rpc import plugins


class PluginAnswers:
    """Serves the questions of `fairlead.rpc.plugins`."""

    def __init__(self, *, plugins: Plugins, responder: Responder, renderer: Renderer) -> None:
        self._plugins = plugins
        self._responder = responder
        self._renderer = renderer

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {plugins.LIST: self.listed, plugins.ANNOUNCE: self.announced}

    async def listed(self, _: str, payload: bytes) -> bytes:
        """`ListPlugins` → `ListedPlugins`."""
        decode(plugins.ListPlugins, payload)
        return encode(plugins.ListedPlugins(names=tuple(self._plugins.names())))

    async def announced(self, _: str, payload: bytes) -> bytes:
        """`AnnounceParameters` → `AnnouncedParameters`. Refusals carry the failure's text."""
        wish = decode(plugins.AnnounceParameters, payload).wanted
        if len(wish.sources) != 1:
            raise RemoteError("InvalidArgument", "parameters are announced for one source")
        if not self._plugins.may_render(wish.sources[0].options):
            return encode(plugins.AnnouncedParameters())
        located: list[Located] = []
        try:
            await self._responder.locate(wish, 0.0, Cause.REFRESH, located)
            asking = await self._renderer.asking(SourceAt(wish, 0, located), Lane.QUESTION)
            found = await self._plugins.announced(asking)
        except SourceError as error:
            raise RemoteError("InvalidArgument", str(error.error)) from error
        except (GitError, RenderError, InvalidWishError) as error:
            raise RemoteError("Unknown", str(error)) from error
        return encode(plugins.AnnouncedParameters(is_plugin=found is not None, parameters=tuple(found or ())))
