"""One played cluster as its clients meet it: each request answered, or refused in Kubernetes' words."""

import asyncio
from collections import Counter

import msgspec

from tests.fakes.clusters import discovery, reading, writing
from tests.fakes.clusters.apply import updated
from tests.fakes.clusters.filling import settled
from tests.fakes.clusters.kinds import BY_PATH, KINDS, NAMESPACE, Kind
from tests.fakes.clusters.messages import Asked, RefusedError, Reply, Streamed
from tests.fakes.clusters.population import Name, Population
from tests.fakes.clusters.store import Change, Store
from tests.fakes.clusters.watching import Watches

SPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_PLAIN = frozenset({"/healthz", "/livez", "/readyz"})
_CONTROLLER = "kube-controller-manager"
_SETTLED = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "Job", "Namespace", "PersistentVolumeClaim"})


class Cluster:
    """`counts` says how often each verb was asked for, `try` for what was only tried; `connections` how many
    are open now."""

    def __init__(self, number: int, population: Population, watches: Watches) -> None:
        self.number = number
        self.store = Store(number, population)
        self.counts: Counter[str] = Counter()
        self.connections = 0
        self.most_connections = 0
        self._watches = watches
        for name in SPACES:
            self._make_space(name)
        self.store.forget()
        for kind in KINDS:
            if kind.name in _SETTLED:
                self.store.listen(kind, self._written)

    def answer(self, asked: Asked) -> Reply | Streamed:
        """What is answered; never fails."""
        try:
            return self._answer(asked)
        except RefusedError as refusal:
            return refusal.reply

    def _answer(self, asked: Asked) -> Reply | Streamed:
        parts = asked.path.split("/")
        kind, rest = _resource(parts)
        if kind is None:
            return self._document(asked)
        namespace = ""
        if kind is not NAMESPACE and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        name, below = "/".join(rest[1:2]), "/".join(rest[2:])
        if not name:
            return self._of_collection(kind, namespace, asked)
        return self._of_object(kind, (namespace, name), below, asked)

    def _document(self, asked: Asked) -> Reply:
        self.counts["document"] += 1
        if asked.path in _PLAIN:
            return Reply(200, b"ok", "text/plain")
        found = discovery.document(asked.path, is_aggregated="APIGroupDiscoveryList" in asked.accept)
        if found is None or asked.method != "GET":
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        tags = (("ETag", found.etag),) if found.etag else ()
        if found.etag and found.etag == asked.etag:
            return Reply(304, b"", found.content_type, tags)
        return Reply(200, found.body, found.content_type, tags)

    def _of_collection(self, kind: Kind, namespace: str, asked: Asked) -> Reply | Streamed:
        if asked.method == "POST":
            self._allow(kind, "create")
            return writing.created(self.store, kind, namespace, asked)
        if asked.method != "GET":
            raise _not_allowed()
        if asked.query.get("watch") in ("1", "true"):
            self._allow(kind, "watch")
            return self._watches.opened(self.store, kind, namespace, asked)
        self._allow(kind, "list")
        return reading.listed(self.store, kind, namespace, asked)

    def _of_object(self, kind: Kind, key: Name, below: str, asked: Asked) -> Reply:
        if below not in ("", "status") or (below and below not in kind.subresources):
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        match asked.method:
            case "GET":
                self._allow(kind, "get")
                return reading.got(self.store, kind, key, asked)
            case "PATCH":
                is_apply = asked.content_type.startswith(writing.APPLY)
                done = "try" if "dryRun" in asked.query else "apply" if is_apply else "patch"
                self._allow(kind, "patch", done)
                return writing.patched(self.store, kind, key, asked, below)
            case "PUT":
                self._allow(kind, "update")
                return writing.replaced(self.store, kind, key, asked, below)
            case "DELETE":
                self._allow(kind, "delete")
                return writing.deleted(self.store, kind, key, asked)
        raise _not_allowed()

    def _allow(self, kind: Kind, verb: str, counted: str = "") -> None:
        self.counts[counted or verb] += 1
        if verb not in kind.verbs:
            raise _not_allowed()

    def _written(self, change: Change) -> None:
        """The controllers of the cluster see a write, and do what they do a moment later."""
        if change.after is not None:
            asyncio.get_running_loop().call_soon(self._settle, change.kind, change.name)

    def _settle(self, kind: Kind, name: Name) -> None:
        raw = self.store.get(kind, name)
        if raw is None:
            return
        value = msgspec.json.decode(raw)
        status = settled(kind, value)
        if status is not None:
            gvk = writing.gvk_of(kind)
            self.store.put(
                kind,
                name,
                updated(value, {**value, "status": status}, gvk, _CONTROLLER, subresource="status"),
            )

    def _make_space(self, name: str) -> None:
        body = {
            "kind": "Namespace",
            "apiVersion": "v1",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }
        asked = Asked("POST", "", {}, msgspec.json.encode(body))
        writing.created(self.store, NAMESPACE, "", asked)


def _resource(parts: list[str]) -> tuple[Kind | None, list[str]]:
    """The kind a path names, and the path from the collection or its namespace on."""
    if len(parts) >= 4 and parts[1] == "api":
        group, version, rest = "", parts[2], parts[3:]
    elif len(parts) >= 5 and parts[1] == "apis":
        group, version, rest = parts[2], parts[3], parts[4:]
    else:
        return None, []
    if rest[0] == "namespaces" and len(rest) >= 3:
        found = BY_PATH.get((group, version, rest[2]))
        if found is not None and found.namespaced:
            return found, rest
    return BY_PATH.get((group, version, rest[0])), rest


def _not_allowed() -> RefusedError:
    return RefusedError(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource"
    )
