"""`/extensions/<name>/…`: a request to a service that an operator put behind the API (contract 14).

The invariant: nothing reaches a backend before the session, the right over the application and the one over
the extension were found to hold, and an answer that goes on is cut when one of them is lost.
"""

import re
import time
from urllib.parse import unquote

from aiohttp import web
from yarl import URL

from fairlead.api_server.audit.target import Target, of
from fairlead.api_server.calls.call import Call
from fairlead.api_server.calls.outcome import refusal_of
from fairlead.api_server.calls.places import Places
from fairlead.api_server.counts import EXTENSION_REQUESTS, EXTENSION_SECONDS
from fairlead.api_server.extensions.asked import asked, authorised
from fairlead.api_server.extensions.backends import Backends
from fairlead.api_server.extensions.exchange import Answer, asked_of, response_to
from fairlead.api_server.extensions.headers import forwarded
from fairlead.api_server.extensions.refused import RefusedError
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import NOBODY, Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.rest.connection import is_known
from fairlead.api_server.rest.errors import status_of
from fairlead.api_server.rest.guard import READING
from fairlead.api_server.rest.handle import Handler
from fairlead.api_server.rest.identify import token_of
from fairlead.api_server.rest.served import Served
from fairlead.auth import cookies
from fairlead.settings.proxy_extensions import ExtensionService, ProxyExtension

PREFIX = "/extensions/"
METHOD, ACTION = "/fairlead.ExtensionService/Invoke", "ExtensionService/Invoke"
"""What counts and records call it."""
VIA = "extension"
BAD_GATEWAY = 502
NOT_PASSED = frozenset({"TRACE", "CONNECT"})
"""Verbs about the way to a backend: it would say what it was sent on it, secrets of the configuration among
that."""
_STEPS = re.compile(r"[/\\]")
AT_ONCE, AT_ONCE_OF_ONE = 256, 32
"""Requests that are passed on at the same time, in all and of one account."""


def handler_of(backend: Backend, served: Served, backends: Backends) -> Handler:
    """The handler of every verb."""
    places = Places(AT_ONCE, AT_ONCE_OF_ONE, what="requests to extensions")

    async def handle(request: web.Request) -> web.StreamResponse:
        call = Call(METHOD, VIA)
        passing = _Passing(backend, backends, request)
        try:
            caller, renewed = await _identified(backend, request)
            call.of(caller)
            with places.taken(caller):
                response = await passing.run(caller, _renewing(renewed, served))
        except RefusedError as error:
            call.refused(error.refusal)
            passing.ended(error.status, error.refusal.code.title)
            return web.Response(status=error.status, text=error.words)
        except ConnectionError:
            call.dropped()
            passing.ended(BAD_GATEWAY, "Canceled")
            return web.Response(status=BAD_GATEWAY)
        except Exception as error:
            refusal = refusal_of(error)
            call.refused(refusal)
            is_full = refusal.code is Code.FAILED_PRECONDITION
            status = 429 if is_full else status_of(refusal)
            passing.ended(status, refusal.code.title)
            return web.Response(status=status, text=refusal.message)
        call.answered()
        passing.ended(response.status)
        return response

    return handle


async def _identified(backend: Backend, request: web.Request) -> tuple[Caller, str]:
    """Who asks, and a session to go on with when theirs is near its end. Raises RefusedError."""
    token, address = token_of(request), request.remote or ""
    try:
        found = await backend.identities.identify(token, address)
        renewed = found.renewed
        if renewed:
            found = await backend.identities.identify(renewed, address)
    except RefusalError:
        raise _unknown(token) from None
    if not found.caller.is_trusted:
        raise _unknown(token)
    is_known(request)
    return found.caller, renewed


def _unknown(token: str) -> RefusedError:
    return RefusedError(401, "Invalid token") if token else RefusedError(400, "Auth cookie not found")


def _renewing(token: str, served: Served) -> list[str]:
    return cookies.cut(token, path=served.path, secure=served.secure) if token else []


class _Passing:
    """One request on its way."""

    def __init__(self, backend: Backend, backends: Backends, request: web.Request) -> None:
        self._backend = backend
        self._backends = backends
        self._request = request
        self._caller = NOBODY
        self._name = request.match_info["extension"]
        self._known = ""
        self._target: Target | None = None
        self._started = time.monotonic()

    def ended(self, status: int, code: str = "OK") -> None:
        """Count it, by names that are configured alone; record a change that was asked for, and a denial."""
        seconds = time.monotonic() - self._started
        if self._known:
            EXTENSION_REQUESTS.labels(self._known, str(status)).inc()
            EXTENSION_SECONDS.labels(self._known).observe(seconds)
        is_told = self._request.method not in READING or code == Code.PERMISSION_DENIED.title
        if self._target is not None and is_told:
            self._backend.auditor.tell(
                self._caller, ACTION, self._target, via=VIA, code=code, milliseconds=round(seconds * 1000, 1)
            )

    async def run(self, caller: Caller, set_cookies: list[str]) -> web.StreamResponse:
        """Pass it on, and its answer back. Raises RefusedError while nothing was answered."""
        request = self._request
        self._caller = caller
        wanted = asked(request)
        self._target = of(
            "Application",
            wanted.name,
            namespace=wanted.namespace,
            project=wanted.project,
            extension=self._name,
            verb=request.method,
        )
        cluster = authorised(self._backend, self._caller, wanted, self._name)
        extension, service = self._found(cluster)
        headers = forwarded(
            request.headers,
            asked=wanted,
            caller=self._caller,
            cluster=cluster,
            namespace=self._backend.namespace,
            added=self._added(service),
        )
        address = _address(service, request, extension.name)
        configured = self._backend.control.settings.proxy_extensions
        async with self._backends.lent(extension, configured) as lent:
            if lent.is_last:
                headers["Connection"] = "close"
            answer = await asked_of(lent.session, address, request, headers)
            try:
                response = response_to(answer)
                for value in set_cookies:
                    response.headers.add("Set-Cookie", value)
                await response.prepare(request)

                async def may_go_on() -> None:
                    await self._backend.identities.require(self._caller)
                    authorised(self._backend, self._caller, wanted, self._name)

                await Answer(answer, response, request, may_go_on).pass_on()
                return response
            finally:
                if answer.content.at_eof():
                    answer.release()
                else:
                    answer.close()

    def _found(self, cluster: RegisteredCluster) -> tuple[ProxyExtension, ExtensionService]:
        configured = self._backend.control.settings.proxy_extensions
        extension = next((one for one in configured if one.name == self._name), None)
        if extension is None:
            raise RefusedError(404, "Extension not found")
        self._known = extension.name
        service = extension.service_for(cluster.name, cluster.server)
        if service is None:
            raise RefusedError(400, "invalid extension")
        if self._request.method in NOT_PASSED:
            raise RefusedError(501, f"{self._request.method} is not passed on to extensions")
        if "upgrade" in self._request.headers.get("Connection", "").lower():
            raise RefusedError(501, "connections to extensions are not upgraded, so there are no WebSockets")
        return extension, service

    def _added(self, service: ExtensionService) -> dict[str, str]:
        """The configured headers with their secrets. One that leads nowhere is left out, which is logged."""
        found: dict[str, str] = {}
        for header in service.headers:
            value = self._backend.control.followed(header.value).reveal()
            if value and value.isprintable() and not (value == header.value and value.startswith("$")):
                found[header.name] = value
        return found


def _address(service: ExtensionService, request: web.Request, name: str) -> URL:
    """The backend's address with what is asked below the extension's name. Raises RefusedError for what leads
    above it, in whichever way backends read a step."""
    rest = request.rel_url.raw_path.removeprefix(f"{PREFIX}{name}")
    if any(step.partition(";")[0] == ".." for step in _STEPS.split(unquote(rest))):
        raise RefusedError(400, "the path has a step to what is above it")
    query = request.rel_url.raw_query_string
    return URL(f"{service.url}{rest or '/'}{'?' if query else ''}{query}", encoded=True)
