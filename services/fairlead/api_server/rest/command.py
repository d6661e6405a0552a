"""`/download/argocd-linux…`, where Argo CD has its command.

Invariant: nothing is handed out that we do not have: who asks is sent where the operator says that it is, or
told how to get one.
"""

from aiohttp import web

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.rest.handle import Handler

PATTERN = "/download/argocd-linux{machine:(?:-[a-z0-9]+)?}"
USUAL = "linux-amd64"
WORDS = """\
No command is handed out here, and none of its own is needed: the stock `argocd` works with this server as it
is, and so does Fairlead's own, which its Python package installs as `argocd` and as `fairlead`.

An operator can name a place of downloads in argocd-cm, which this address then leads to:

  help.download.{platform}: https://…

Log in with: argocd login {host}
"""


def handler_of(backend: Backend) -> Handler:
    """The handler."""

    async def handle(request: web.Request) -> web.StreamResponse:
        platform = f"linux{request.match_info['machine']}" if request.match_info["machine"] else USUAL
        named = backend.control.presentation.help.get("binaryUrls", {}).get(platform, "")
        if named.lower().startswith(("http://", "https://")):
            raise web.HTTPFound(named)
        return web.Response(status=404, text=WORDS.format(platform=platform, host=request.host))

    return handle
