"""`KubeClient`: the verbs of the Kubernetes API on one aiohttp session.

Bodies go out and come back as bytes; only failures are decoded, into the tree of `errors.py`.
Invariant: no body is ever logged, no redirect followed, and every answer has a deadline and a size bound.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec
from aiohttp import ClientWebSocketResponse

from fairlead.kube.answer import Answer
from fairlead.kube.budget import Budget
from fairlead.kube.confidential import confidential, names_secrets
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.exec_stream import PROTOCOLS, ExecStream, query_of
from fairlead.kube.gate import require_pass
from fairlead.kube.minting import Mint
from fairlead.kube.pages import PAGE_LIMIT, Page, list_pages
from fairlead.kube.resource import Resource
from fairlead.kube.retry import PATIENT, RetryPolicy, with_retries
from fairlead.kube.transport import NEAR_BY, Bounds, Request, Transport

Body = bytes | Mapping[str, object]
JSON: Final = "application/json"
_METADATA: Final = "g=meta.k8s.io;v=v1"
PARTIAL: Final = f"{JSON};as=PartialObjectMetadata;{_METADATA},{JSON}"
"""An object's metadata alone, from servers that can tell it so."""
PARTIAL_LIST: Final = f"{JSON};as=PartialObjectMetadataList;{_METADATA},{JSON}"
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"
POD: Final = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)
APPLY_PATCH: Final = "application/apply-patch+yaml"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"


class KubeClient:
    """One cluster, one identity. Use `async with`, or `close()` when done.

    Every method raises a `KubeError`. Reads, applies, merge patches, updates and deletes are tried again
    after transient failures; creates and JSON patches only when the server surely did not take them up.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        bounds: Bounds = NEAR_BY,
        retry: RetryPolicy = PATIENT,
        budget: Budget | None = None,
        mint: Mint | None = None,
    ) -> None:
        self.connection = connection
        self._retry = retry
        self._is_urgent = False
        self._is_guarded = False
        self._transport = Transport(connection, bounds, budget=budget, mint=mint)

    @property
    def budget(self) -> Budget:
        """What its lists are read within; several clients may share one."""
        return self._transport.budget

    def acting_as(self, user: str, *groups: str) -> "KubeClient":
        """The same cluster under an impersonated user, sharing connections; not to be closed by itself."""
        view = object.__new__(KubeClient)
        view.connection = self.connection.acting_as(user, *groups)
        view._retry = self._retry
        view._is_urgent = self._is_urgent
        view._is_guarded = self._is_guarded
        view._transport = self._transport.sharing(view.connection)
        return view

    def urgent(self) -> "KubeClient":
        """The same client for requests that may not wait behind others, like a Lease; not to be closed."""
        view = object.__new__(KubeClient)
        view.connection = self.connection
        view._retry = self._retry
        view._is_urgent = True
        view._is_guarded = self._is_guarded
        view._transport = self._transport
        return view

    def guarded(self) -> "KubeClient":
        """The same client, which writes only what a gate let pass (`gate.py`); not to be closed by itself."""
        view = object.__new__(KubeClient)
        view.connection = self.connection
        view._retry = self._retry
        view._is_urgent = self._is_urgent
        view._is_guarded = True
        view._transport = self._transport
        return view

    def swap(self, connection: Connection) -> None:
        """Go on with other credentials for the same server, without ending what is under way.

        Raises ConnectionConfigError, and nothing has changed then.
        """
        self._transport.swap(connection)
        self.connection = connection

    async def reaches(self, path: str) -> bytes:
        """One urgent request that is not tried again, and what the server answered. Raises KubeError."""
        return (await self._transport.send(Request(method="GET", path=path, urgent=True))).body

    async def __aenter__(self) -> "KubeClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def get(
        self, resource: Resource, name: str, namespace: str | None = None, *, subresource: str = ""
    ) -> bytes:
        """One object."""
        return (await self._send("GET", resource.path(namespace, name, subresource))).body

    async def find(self, resource: Resource, name: str, namespace: str | None = None) -> bytes | None:
        """One object, or None when there is none of that name."""
        try:
            return await self.get(resource, name, namespace)
        except NotFoundError:
            return None

    async def get_path(self, path: str, *, accept: str = JSON, etag: str | None = None) -> Answer:
        """Any path of the server (`/version`, `/apis`, …); 304 is an answer when `etag` is given."""
        return await self._send("GET", path, accept=accept, etag=etag)

    def pages(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = PAGE_LIMIT,
        accept: str = JSON,
    ) -> AsyncIterator[Page]:
        """A consistent list, page by page; raises GoneError when its snapshot expires half-way."""
        selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}
        fixed = {key: value for key, value in selectors.items() if value}

        async def fetch(params: dict[str, str]) -> bytes:
            path = resource.path(namespace)
            answer = await self._send("GET", path, params={**fixed, **params}, accept=accept, large=True)
            return answer.body

        return list_pages(fetch, limit=limit)

    async def list_all(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> list[bytes]:
        """All objects of a collection; for collections known to be small."""
        found: list[bytes] = []
        async for page in self.pages(
            resource, namespace, label_selector=label_selector, field_selector=field_selector
        ):
            found += [bytes(item) for item in page.items or ()]
        return found

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        resource_version: str,
        timeout_seconds: int,
        silence_seconds: float,
        label_selector: str = "",
        field_selector: str = "",
        accept: str = JSON,
    ) -> AsyncGenerator[bytes, None]:
        """The raw chunks of one watch request, an empty one first once it is open; the server ends it.

        Not retried and not counted among the requests in flight. Raises RequestTimeoutError after
        `silence_seconds` without a byte.
        """
        params = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(timeout_seconds),
        }
        if label_selector:
            params["labelSelector"] = label_selector
        if field_selector:
            params["fieldSelector"] = field_selector
        path = f"{resource.path(namespace)}?{urlencode(params)}"
        return self._transport.watch(path, silence_seconds=silence_seconds, accept=accept)

    def pod_log(
        self, name: str, namespace: str, query: str, *, silence_seconds: float
    ) -> AsyncGenerator[bytes, None]:
        """The raw chunks of a pod's log; `query` is that of the API. Neither retried nor counted among the
        requests in flight. Raises RequestTimeoutError after `silence_seconds` without a line."""
        path = f"{POD.path(namespace, name, 'log')}?{query}"
        return self._transport.stream(path, silence_seconds=silence_seconds)

    async def websocket(
        self, path: str, protocols: Sequence[str], *, max_message: int = 1 << 20
    ) -> "ClientWebSocketResponse[bool]":
        """A WebSocket to a path of the server, with messages of so many bytes; to be closed. Not tried again,
        nor counted among the requests in flight."""
        return await self._transport.websocket(path, protocols, max_message=max_message)

    async def exec(self, name: str, namespace: str, container: str, command: Sequence[str]) -> ExecStream:
        """Run a program with a terminal in a pod's container; to be closed. Not tried again."""
        path = f"{POD.path(namespace, name, 'exec')}?{query_of(container, command)}"
        if self._is_guarded:
            require_pass("EXEC", path)
        return ExecStream(await self.websocket(path, PROTOCOLS))

    async def create(
        self,
        resource: Resource,
        body: Body,
        namespace: str | None = None,
        *,
        name: str | None = None,
        subresource: str = "",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """Creates an object (or, with name and subresource, posts to it)."""
        path = resource.path(namespace, name, subresource)
        return (await self._send("POST", path, body=body, params=params, idempotent=False)).body

    async def update(
        self,
        resource: Resource,
        name: str,
        body: Body,
        namespace: str | None = None,
        *,
        subresource: str = "",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """Replaces an object. After a lost answer the repeat may raise ConflictError: read it again."""
        path = resource.path(namespace, name, subresource)
        return (await self._send("PUT", path, body=body, params=params)).body

    async def merge_patch(
        self,
        resource: Resource,
        name: str,
        body: Body,
        namespace: str | None = None,
        *,
        subresource: str = "",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """An RFC 7386 merge patch."""
        path = resource.path(namespace, name, subresource)
        return (await self._send("PATCH", path, body=body, params=params, content_type=MERGE_PATCH)).body

    async def strategic_patch(
        self,
        resource: Resource,
        name: str,
        body: Body,
        namespace: str | None = None,
        *,
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """A strategic merge patch, which built-in kinds understand."""
        path = resource.path(namespace, name)
        answer = await self._send(
            "PATCH", path, body=body, params=params, content_type=STRATEGIC_PATCH, idempotent=False
        )
        return answer.body

    async def json_patch(
        self,
        resource: Resource,
        name: str,
        operations: bytes | list[dict[str, object]],
        namespace: str | None = None,
        *,
        subresource: str = "",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """An RFC 6902 patch; a failed `test` operation raises InvalidError."""
        body = operations if isinstance(operations, bytes) else msgspec.json.encode(operations)
        path = resource.path(namespace, name, subresource)
        answer = await self._send(
            "PATCH", path, body=body, params=params, content_type=JSON_PATCH, idempotent=False
        )
        return answer.body

    async def apply(
        self,
        resource: Resource,
        name: str,
        body: Body,
        namespace: str | None = None,
        *,
        field_manager: str,
        force: bool = True,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """A server-side apply; status 201 when it created the object. The body is JSON, which is YAML."""
        query = {"fieldManager": field_manager, "force": "true" if force else "false", **(params or {})}
        path = resource.path(namespace, name)
        return await self._send("PATCH", path, body=body, params=query, content_type=APPLY_PATCH)

    async def delete(
        self, resource: Resource, name: str, namespace: str | None = None, *, options: Body | None = None
    ) -> bytes:
        """Deletes one object with the given DeleteOptions; answers the object or a Status."""
        return (await self._send("DELETE", resource.path(namespace, name), body=options)).body

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Body | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        etag: str | None = None,
        idempotent: bool = True,
        large: bool = False,
    ) -> Answer:
        if self._is_guarded and method != "GET":
            require_pass(method, path)
        request = Request(
            method=method,
            path=f"{path}?{urlencode(params)}" if params else path,
            body=_encoded(body),
            content_type=content_type,
            accept=accept,
            etag=etag,
            large=large,
            urgent=self._is_urgent,
        )
        send = _told_with_care if body is not None and names_secrets(path) else _told
        return await with_retries(
            lambda: send(self._transport.send(request)), idempotent=idempotent, policy=self._retry
        )


async def _told(answer: Awaitable[Answer]) -> Answer:
    return await answer


async def _told_with_care(answer: Awaitable[Answer]) -> Answer:
    """The answer to a write of a Secret; of a refusal, and of warnings, nothing that could hold a value."""
    try:
        found = await answer
    except KubeError as error:
        told = confidential(error)
    else:
        return msgspec.structs.replace(found, warnings=())
    raise told


def _encoded(body: Body | None) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)
