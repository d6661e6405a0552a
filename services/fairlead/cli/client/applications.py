"""Calls on applications. Documents are kept as the server sent them, so that nothing unknown is lost."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from fairlead.cli.errors import CliError, RefusedError

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport

Document = dict[str, Any]
"""A JSON object as it came."""

BASE = "/api/v1/applications"
CHUNK = 64 << 10
"""Bytes of files in one part of a request."""
LOG_SILENCE = 24 * 3600.0
"""Seconds that pods may say nothing while they are listened to."""


class AppRef(NamedTuple):
    """An application as a person names it: NAME or NAMESPACE/NAME."""

    namespace: str
    name: str

    @classmethod
    def of(cls, text: str, namespace: str = "") -> AppRef:
        """Read a name; `namespace` is that of a flag, used when the name has none."""
        before, slash, after = text.partition("/")
        if slash:
            return cls(before, after)
        return cls(namespace, text)

    @property
    def shown(self) -> str:
        """As it is written in addresses and messages."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class WatchEvent(msgspec.Struct, frozen=True):
    """A change of an application: ADDED, MODIFIED or DELETED."""

    type: str
    application: Document


class _StreamError(msgspec.Struct, frozen=True):
    grpc_code: int = 2
    message: str = ""


class _Line(msgspec.Struct, frozen=True):
    result: WatchEvent | None = None
    error: _StreamError | None = None


class Applications:
    """The application service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_all(
        self,
        *,
        selector: str = "",
        projects: Sequence[str] = (),
        namespace: str = "",
        repo: str = "",
    ) -> list[Document]:
        """Applications by name."""
        query = {"selector": selector, "appNamespace": namespace, "repo": repo, "projects": projects}
        found = self._json("GET", BASE, query)
        return found.get("items") or []

    def get(self, app: AppRef, *, refresh: str = "", project: str = "") -> Document:
        """One application; `refresh` is "", `normal` or `hard`."""
        query = {"appNamespace": app.namespace, "refresh": refresh, "project": project}
        return self._json("GET", _path(app), query)

    def create(self, document: Document, *, upsert: bool, validate: bool) -> Document:
        """Create, or with `upsert` replace."""
        query = {"upsert": _word(upsert), "validate": _word(validate)}
        return self._json("POST", BASE, query, document)

    def update_spec(self, app: AppRef, spec: Document, *, validate: bool, project: str = "") -> Document:
        """Replace the spec."""
        query = {"validate": _word(validate), "appNamespace": app.namespace, "project": project}
        return self._json("PUT", f"{_path(app)}/spec", query, spec)

    def patch(self, app: AppRef, patch: str, kind: str, *, project: str = "") -> Document:
        """Change by a JSON patch (`json`) or a merge patch (`merge`)."""
        body = _named(app, {"patch": patch, "patchType": kind}, project)
        return self._json("PATCH", _path(app), {}, body)

    def delete(self, app: AppRef, *, cascade: bool | None, policy: str = "", project: str = "") -> None:
        """Begin deletion; its objects go too unless `cascade` is False."""
        query = {
            "cascade": "" if cascade is None else _word(cascade),
            "propagationPolicy": policy,
            "appNamespace": app.namespace,
            "project": project,
        }
        self._json("DELETE", _path(app), query)

    def sync(self, app: AppRef, request: Mapping[str, Any], *, project: str = "") -> Document:
        """Ask for a sync."""
        return self._json("POST", f"{_path(app)}/sync", {}, _named(app, request, project))

    def rollback(self, app: AppRef, number: int, *, prune: bool, project: str = "") -> Document:
        """Ask to go back to the deployment with this id."""
        body = _named(app, {"id": number, "prune": prune}, project)
        return self._json("POST", f"{_path(app)}/rollback", {}, body)

    def terminate(self, app: AppRef, *, project: str = "") -> None:
        """Ask the running operation to end."""
        self._json("DELETE", f"{_path(app)}/operation", {"appNamespace": app.namespace, "project": project})

    def managed(self, app: AppRef, *, project: str = "") -> list[Document]:
        """Managed objects with desired and live state."""
        found = self._json("GET", f"{_path(app)}/managed-resources", _home(app, project))
        return found.get("items") or []

    def explained(self, app: AppRef, *, project: str = "") -> Document:
        """Why its objects are not as Git says, field by field."""
        query = {"application": app.name, **_home(app, project)}
        return self._json("GET", "/api/v1/explain", query)

    def tree(self, app: AppRef, *, project: str = "") -> Document:
        """The objects and what they own."""
        return self._json("GET", f"{_path(app)}/resource-tree", _home(app, project))

    def manifests(self, app: AppRef, *, project: str = "", **query: Any) -> list[str]:
        """Manifests as JSON texts; `revision`, `revisions`, `sourcePositions` and `noCache` may be given."""
        found = self._json("GET", f"{_path(app)}/manifests", _home(app, project) | query)
        return found.get("manifests") or []

    def rendered(self, app: AppRef, archive: bytes, *, project: str = "") -> list[str]:
        """The manifests that the server makes of a repository's files: a gzipped tar."""
        query = _named(app, {"checksum": hashlib.sha256(archive).hexdigest()}, project)
        pieces = (archive[at : at + CHUNK] for at in range(0, len(archive), CHUNK))
        parts = [
            {"query": query},
            *({"chunk": {"chunk": base64.b64encode(piece).decode()}} for piece in pieces),
        ]
        body = b"\n".join(map(msgspec.json.encode, parts))
        answer = self._transport.call("POST", f"{BASE}/manifestsWithFiles", body)
        return decoded(answer).get("manifests") or []

    def predicted(self, app: AppRef, manifests: list[str], *, project: str = "") -> list[Document]:
        """Managed objects with what applying these manifests would make of them."""
        from fairlead.cli.client.unary import unary

        query = {"appName": app.name, **_home(app, project), "targetManifests": manifests}
        kept = {key: value for key, value in query.items() if value}
        asked = ("application.ApplicationServerSideDiffQuery", kept)
        answer = "application.ApplicationServerSideDiffResponse"
        method = "application.ApplicationService/ServerSideDiff"
        return unary(self._transport, method, asked, answer).get("items") or []

    def sync_windows(self, app: AppRef, *, project: str = "") -> Document:
        """The windows of its project that concern it."""
        return self._json("GET", f"{_path(app)}/syncwindows", _home(app, project))

    def drift(
        self, app: AppRef, *, project: str = "", kind: str = "", name: str = "", standing: bool = False
    ) -> Document:
        """What was changed of it outside Git, and since when that is known."""
        query = {"application": app.name, "kind": kind, "name": name, "standing": _word(standing)}
        return self._json("GET", "/api/v1/drift", {**query, **_home(app, project)})

    def resource(self, app: AppRef, named: Mapping[str, Any], *, project: str = "") -> str:
        """One live object's manifest."""
        found = self._json("GET", f"{_path(app)}/resource", {**named, **_home(app, project)})
        return str(found.get("manifest") or "null")

    def patch_resource(self, app: AppRef, named: Mapping[str, Any], patch: str, *, project: str = "") -> None:
        """Patch one live object; `named` holds the kind of the patch as well."""
        self._json("POST", f"{_path(app)}/resource", {**named, **_home(app, project)}, patch)

    def delete_resource(self, app: AppRef, named: Mapping[str, Any], *, project: str = "") -> None:
        """Delete one live object."""
        self._json("DELETE", f"{_path(app)}/resource", _worded({**named, **_home(app, project)}))

    def actions(self, app: AppRef, named: Mapping[str, Any], *, project: str = "") -> list[Document]:
        """What can be done to one live object."""
        query = {**named, **_home(app, project)}
        return self._json("GET", f"{_path(app)}/resource/actions", query).get("actions") or []

    def run_action(self, app: AppRef, request: Mapping[str, Any], *, project: str = "") -> None:
        """Do something to one live object."""
        self._json("POST", f"{_path(app)}/resource/actions/v2", {}, _named(app, request, project))

    def logs(self, app: AppRef, query: Mapping[str, Any], *, project: str = "") -> Iterator[Document]:
        """Lines of the application's pods, the last of which says so. Raises CliError when it breaks off."""
        target = f"{_path(app)}/logs{_query({**query, **_home(app, project)})}"
        for text in self._transport.stream(target, lambda: LOG_SILENCE):
            line = decoded(text)
            if "error" in line:
                told = msgspec.convert(line["error"], _StreamError, strict=False)
                raise RefusedError(told.grpc_code, told.message)
            yield line.get("result") or {}

    def update(self, app: AppRef, document: Document, *, project: str = "") -> Document:
        """Replace an application's spec, labels and annotations; sources are not looked at."""
        return self._json("PUT", _path(app), {"project": project, "validate": "false"}, document)

    def watch(self, app: AppRef, *, version: str = "", silence: Callable[[], float]) -> Iterator[WatchEvent]:
        """Changes of one application, the present state first.

        Ends when the server ends it; raises SilenceError after `silence()` seconds without a change.
        """
        query = {"name": app.name, "appNamespace": app.namespace, "resourceVersion": version}
        target = f"/api/v1/stream/applications{_query(query)}"
        for text in self._transport.stream(target, silence):
            line = _decoded(text)
            if line.error is not None:
                raise RefusedError(line.error.grpc_code, line.error.message)
            if line.result is not None:
                yield line.result

    def _json(self, verb: str, path: str, query: Mapping[str, Any], body: object = None) -> Document:
        content = None if body is None else msgspec.json.encode(body)
        return decoded(self._transport.call(verb, path + _query(query), content))


def decoded(content: bytes) -> Document:
    """An answer's JSON object. Raises CliError when it is none."""
    try:
        return msgspec.json.decode(content or b"{}", type=Document)
    except msgspec.MsgspecError as error:
        raise CliError(f"the server's answer makes no sense ({error}); is it an API server?") from error


def _decoded(text: bytes) -> _Line:
    try:
        return msgspec.json.decode(text, type=_Line)
    except msgspec.MsgspecError as error:
        raise CliError(f"an event of the server makes no sense: {error}") from error


def _path(app: AppRef) -> str:
    return f"{BASE}/{quote(app.name, safe='')}"


def _home(app: AppRef, project: str) -> dict[str, Any]:
    return {"appNamespace": app.namespace, "project": project}


def _named(app: AppRef, request: Mapping[str, Any], project: str) -> dict[str, Any]:
    body = {"name": app.name, **request}
    body |= {key: value for key, value in _home(app, project).items() if value}
    return body


def _query(values: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in values.items() if value not in ("", None) and value != ()}
    return f"?{urlencode(kept, doseq=True)}" if kept else ""


def _worded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: "true" if value is True else "" if value is False else value for key, value in values.items()
    }


def _word(value: bool) -> str:
    return "true" if value else "false"
