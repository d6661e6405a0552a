"""The API's calls on applications and projects, answered from Kubernetes.

The same calls as over HTTP, so that no command knows the difference; a route that is not here needs a server.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from fairlead.cli import messages
from fairlead.cli.client.server import Server
from fairlead.cli.client.silence import SilenceError
from fairlead.cli.client.transport import JSON, Transport
from fairlead.cli.core import applications, declared, live, projects, sets
from fairlead.cli.core.objects import Objects
from fairlead.cli.core.pod_logs import lines
from fairlead.cli.errors import RefusedError, UnreachableError
from fairlead.cli.kubernetes import kubernetes, namespace_of
from fairlead.kube import errors as kube
from fairlead.kube.rest import KubeClient

LOOK = 0.5
"""Seconds between looks at an application that is watched."""
UNIMPLEMENTED = 12
_CODES: tuple[tuple[type[kube.KubeError], int], ...] = (
    (kube.NotFoundError, 5),
    (kube.AlreadyExistsError, 6),
    (kube.ForbiddenError, 7),
    (kube.UnauthorizedError, 16),
    (kube.ConflictError, 10),
    (kube.BadRequestError, 3),
)

Handler = Callable[[Objects, list[str], dict[str, str], Any], Awaitable[Any]]
ROUTES: dict[tuple[str, str], Handler] = {
    **applications.ROUTES,
    **projects.ROUTES,
    **sets.ROUTES,
    **declared.ROUTES,
    **live.ROUTES,
}
NAMED = frozenset(shape.partition("/")[0] for _, shape in ROUTES if "/*" in shape)
"""First words of paths whose second word is a name."""


class CoreTransport(Transport):
    """One cluster, by a context of a kubeconfig; its namespace is that of the control plane."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        messages.quiet_libraries()
        self._runner = asyncio.Runner()
        connection = kubernetes(context=server.kube_context)
        self._namespace = namespace_of(connection)
        self._kube = KubeClient(connection)

    def close(self) -> None:
        """Close the connection."""
        self._runner.run(self._kube.close())
        self._runner.close()

    def call(self, verb: str, target: str, body: bytes | None = None, *, content_type: str = JSON) -> bytes:
        """The answer of a call. Raises CliError."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        projects_asked = [value for key, value in parse_qsl(parts.query) if key == "projects"]
        words = [unquote(word) for word in parts.path.removeprefix("/api/").removeprefix("v1/").split("/")]
        handler = ROUTES.get((verb, _shape(words)))
        if handler is None or content_type != JSON:
            raise RefusedError(UNIMPLEMENTED, f"--core: {verb} {parts.path} needs a server; leave out --core")
        content = msgspec.json.decode(body) if body else None
        query["projects"] = "\n".join(projects_asked)
        objects = Objects(self._kube, self._namespace)
        return msgspec.json.encode(self._run(handler(objects, words, query, content)))

    def end_session(self, token: str) -> None:
        """There is none."""

    def stream(self, target: str, silence: Callable[[], float]) -> Iterator[bytes]:
        """What pods say, or changes of one application, by looking.

        Raises SilenceError when there are none for `silence()`.
        """
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        words = parts.path.split("/")
        if words[-3:-2] == ["applications"] and words[-1] == "logs":
            yield from self._logs(unquote(words[-2]), query)
            return
        if not parts.path.endswith("/stream/applications") or "name" not in query:
            raise RefusedError(UNIMPLEMENTED, f"--core: {parts.path} needs a server; leave out --core")
        seen, since = query.get("resourceVersion", ""), time.monotonic()
        while True:
            try:
                found = msgspec.json.decode(
                    self.call("GET", f"/api/v1/applications/{query['name']}?{_home(query)}")
                )
            except RefusedError as error:
                if error.code != 5:
                    raise
                gone = {"metadata": {"name": query["name"]}, "spec": {"destination": {}, "project": ""}}
                yield msgspec.json.encode({"result": {"type": "DELETED", "application": gone}})
                return
            version = found["metadata"].get("resourceVersion", "")
            if version != seen:
                seen, since = version, time.monotonic()
                yield msgspec.json.encode({"result": {"type": "MODIFIED", "application": found}})
            elif time.monotonic() - since > silence():
                raise SilenceError
            time.sleep(LOOK)

    def _logs(self, name: str, query: dict[str, str]) -> Iterator[bytes]:
        coming = lines(Objects(self._kube, self._namespace), name, query)
        while (entry := self._run(anext(coming, None))) is not None:
            yield msgspec.json.encode({"result": entry})

    def _run(self, step: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await step

        try:
            return self._runner.run(done())
        except kube.KubeError as error:
            for kind, code in _CODES:
                if isinstance(error, kind):
                    raise RefusedError(code, str(error)) from error
            raise UnreachableError(f"the cluster cannot be talked to: {error}") from error


def _shape(words: list[str]) -> str:
    """`applications/*/spec` for the words of a path: the second one is a name where there are any."""
    if len(words) > 1 and words[0] in NAMED:
        words = [words[0], "*", *words[2:]]
    return "/".join(words)


def _home(query: dict[str, str]) -> str:
    return f"appNamespace={query['appNamespace']}" if query.get("appNamespace") else ""
