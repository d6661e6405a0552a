"""Registering, changing and forgetting clusters.

The invariant: a cluster's credentials are written and never answered; what a change does not name stays.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fairlead.api_server.config_map import CONFIG, SECRET_TYPE
from fairlead.api_server.operations import authorize, declared
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.read import RESOURCE, find_for, object_of, shown
from fairlead.api_server.operations.cluster.registered import (
    REFRESH,
    RegisteredCluster,
    registered,
    registered_for,
)
from fairlead.api_server.operations.cluster.requests import ClusterCreate, ClusterQuery, ClusterUpdate
from fairlead.api_server.operations.cluster.usable import (
    Wanted,
    require_own_identity,
    require_reachable,
    require_usable,
    stored_config,
)
from fairlead.api_server.operations.differences import different, differing, fields
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.kube.errors import AlreadyExistsError
from fairlead.matching.pauses import attributed
from fairlead.rpc import clusters as rpc

SECRET = "cluster"  # noqa: S105 - the value of a label
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
UPDATABLE = ("name", "namespaces", "config", "shard", "clusterResources", "labels", "annotations", "project")


_TLS = fields("insecure serverName certData=CertData keyData=KeyData caData=CAData")
_SHAPE = fields(
    "server name config namespaces shard clusterResources project labels annotations",
    {
        "config": fields(
            "username password bearerToken tlsClientConfig=TLSClientConfig awsAuthConfig=AWSAuthConfig "
            "execProviderConfig disableCompression proxyUrl",
            {
                "tlsClientConfig": _TLS,
                "awsAuthConfig": fields("clusterName roleARN=RoleARN profile"),
                "execProviderConfig": fields("command args env apiVersion=APIVersion installHint"),
            },
        )
    },
)


async def create(backend: Backend, caller: Caller, request: ClusterCreate) -> dict[str, Any]:
    """Register a cluster, or with `upsert` change one that is registered."""
    wanted = _read(request.cluster)
    authorize.require(caller, RESOURCE, "create", _object(wanted))
    require_own_identity(caller, "create", wanted)
    require_usable(backend, wanted)
    _require_free(backend, caller, wanted.name, wanted.server)
    await require_reachable(backend, wanted)
    try:
        known = registered_for(backend, wanted.server, "")
        if known is not None and known.secret:
            return await _upserted(backend, caller, known, wanted, upsert=request.upsert)
        if known is not None:  # the local one, which is there for all without being declared
            authorize.require(caller, RESOURCE, "create", object_of(known))
        await declared.make(
            backend,
            secret_name(wanted.server),
            SECRET,
            _values(wanted),
            labels=wanted.labels,
            annotations=wanted.annotations,
        )
    except AlreadyExistsError:
        name = secret_name(wanted.server)
        raise RefusalError(Code.ALREADY_EXISTS, f"Secret {name} is there and is another's") from None
    return await _shown(backend, wanted.server)


async def update(backend: Backend, caller: Caller, request: ClusterUpdate) -> dict[str, Any]:
    """Change a cluster: the fields that are named, or all."""
    wanted = _read(request.cluster, needs_server=False)
    unknown = [field for field in request.updated_fields if field not in UPDATABLE]
    if unknown:
        raise RefusalError(Code.INVALID_ARGUMENT, f"unknown field of a cluster: {unknown[0]}")
    query = (
        ClusterQuery(id=request.id)
        if request.id.value
        else ClusterQuery(server=wanted.server, name="" if wanted.server else wanted.name)
    )
    known = find_for(backend, caller, "update", query)
    changed = tuple(request.updated_fields) or UPDATABLE
    if "project" in changed and wanted.project != known.project:
        moved = msgspec.structs.replace(known, project=wanted.project)
        authorize.require(caller, RESOURCE, "update", object_of(moved))
    if "name" in changed and wanted.name != known.name:
        _require_free(backend, caller, wanted.name, known.server)
    reached = msgspec.structs.replace(wanted, server=known.server)
    if CONFIG in changed:
        require_own_identity(caller, "update", reached)
    require_usable(backend, reached)
    if CONFIG in changed and wanted.config:
        await require_reachable(backend, reached)
    await _write(backend, known, wanted, changed, who=caller.known_as)
    return await _shown(backend, known.server)


async def delete(backend: Backend, caller: Caller, query: ClusterQuery) -> Nothing:
    """Forget a cluster. Nothing in it is touched."""
    known = find_for(backend, caller, "delete", query)
    secret = backend.mirrors.secrets.get(known.secret) if known.secret else None
    if secret is None:
        raise RefusalError(Code.NOT_FOUND, f'cluster "{known.server}" not found')
    await declared.remove(backend, secret)
    return Nothing()


async def rotate_auth(backend: Backend, caller: Caller, query: ClusterQuery) -> Nothing:
    """Have the token that we are known by replaced by a new one; its controller does it."""
    known = find_for(backend, caller, "update", query)
    await backend.ask.rotate(rpc.ClusterQuery(server=known.server))
    return Nothing()


async def invalidate_cache(backend: Backend, caller: Caller, query: ClusterQuery) -> dict[str, Any]:
    """Have the cluster read anew: its Secret says when that was asked for, so it is not lost."""
    known = find_for(backend, caller, "update", query)
    asked = {REFRESH: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    if known.secret:
        change = {"data": {}, "metadata": {"annotations": asked}}
        await declared.amend(backend, known.secret, lambda _: change)
    else:
        local = Wanted(server=known.server, name=known.name)
        await declared.make(backend, secret_name(known.server), SECRET, _values(local), annotations=asked)
    return await _shown(backend, known.server)


def secret_name(server: str) -> str:
    """The name of a cluster's Secret (contract 12.2)."""
    try:
        host = (urlsplit(server).hostname or "").lower()
    except ValueError:
        host = ""
    return f"cluster-{host.replace(':', '-')}-{declared.fnv32a(server)}"


async def _upserted(
    backend: Backend, caller: Caller, known: RegisteredCluster, wanted: Wanted, *, upsert: bool
) -> dict[str, Any]:
    who = caller.known_as
    if not authorize.is_allowed(caller, RESOURCE, "get", object_of(known)):
        raise authorize.hidden()
    before = _described(known, (await declared.read(backend, known.secret)).values.get(CONFIG, ""))
    after = msgspec.to_builtins(wanted)
    keys = differing(before, after, _SHAPE)
    if not keys:
        return await _shown(backend, known.server)
    if not upsert:
        raise different("cluster", keys)
    authorize.require(caller, RESOURCE, "update", object_of(known))
    authorize.require(caller, RESOURCE, "update", _object(wanted))
    await _write(backend, known, wanted, UPDATABLE, who=who)
    return await _shown(backend, known.server)


async def _write(
    backend: Backend, known: RegisteredCluster, wanted: Wanted, changed: tuple[str, ...], *, who: str
) -> None:
    if not known.secret:
        values = _values(msgspec.structs.replace(wanted, server=known.server))
        name = secret_name(known.server)
        labels, annotations = wanted.labels, dict(attributed({}, wanted.annotations, who))
        await declared.make(backend, name, SECRET, values, labels=labels, annotations=annotations)
        return

    def change(found: declared.Whole) -> dict[str, Any]:
        written = _values(msgspec.structs.replace(wanted, server=known.server))
        data = {
            key: value
            for key, value in declared.texts(written, found.values).items()
            if key in changed and (key != CONFIG or wanted.config)
        }
        metadata: dict[str, Any] = {}
        if "labels" in changed:
            metadata["labels"] = _replaced(found.labels, wanted.labels, {SECRET_TYPE})
        if "annotations" in changed:
            own = {declared.MANAGED_BY, REFRESH, LAST_APPLIED}
            after = dict(attributed(found.annotations, wanted.annotations, who))
            metadata["annotations"] = _replaced(found.annotations, after, own)
        return {"data": data, "metadata": metadata}

    await declared.amend(backend, known.secret, change)


def _replaced(before: dict[str, str], after: dict[str, str], kept: set[str]) -> dict[str, str | None]:
    """A merge patch that makes `after` of what is there, less what is not the cluster's."""
    return {**dict.fromkeys(before.keys() - after.keys() - kept), **after}


def _read(obj: dict[str, Any], *, needs_server: bool = True) -> Wanted:
    given = {key: value for key, value in obj.items() if value is not None}
    try:
        wanted = msgspec.convert(given, Wanted, strict=False)
    except msgspec.ValidationError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the cluster cannot be read: {error}") from None
    server = wanted.server.rstrip("/")
    if needs_server and not server:
        raise RefusalError(Code.INVALID_ARGUMENT, "a cluster needs a server")
    if LAST_APPLIED in wanted.annotations:
        text = f"annotation {LAST_APPLIED} cannot be set"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    labels = {key: value for key, value in wanted.labels.items() if key != SECRET_TYPE}
    annotations = {
        key: value for key, value in wanted.annotations.items() if key not in (declared.MANAGED_BY, REFRESH)
    }
    return msgspec.structs.replace(
        wanted, server=server, name=wanted.name or server, labels=labels, annotations=annotations
    )


def _require_free(backend: Backend, caller: Caller, name: str, server: str) -> None:
    """A name that two clusters have leads to neither: who takes another's stops what is deployed there by it,
    so that takes the right to change that one. Which one it is, is not told."""
    for cluster in registered(backend):
        is_taken = cluster.name == name and cluster.server != server
        if is_taken and not authorize.is_allowed(caller, RESOURCE, "update", object_of(cluster)):
            raise RefusalError(Code.ALREADY_EXISTS, f"the name {name} is another cluster's")


def _values(wanted: Wanted) -> dict[str, str]:
    return {
        "server": wanted.server,
        "name": wanted.name,
        "project": wanted.project,
        "namespaces": ",".join(wanted.namespaces),
        "clusterResources": "true" if wanted.cluster_resources else "",
        "shard": "" if wanted.shard is None else str(wanted.shard),
        CONFIG: msgspec.json.encode(stored_config(wanted)).decode(),
    }


def _described(known: RegisteredCluster, config: str) -> dict[str, Any]:
    """A registered cluster in the shape of one that is asked for, credentials and all."""
    return {
        "server": known.server,
        "name": known.name,
        "config": msgspec.json.decode(config or "{}"),
        "namespaces": list(known.namespaces),
        "shard": known.shard,
        "clusterResources": known.cluster_resources,
        "project": known.project,
        "labels": known.labels,
        "annotations": known.annotations,
    }


def _object(wanted: Wanted) -> str:
    return authorize.cluster_object(wanted.server, wanted.project)


async def _shown(backend: Backend, server: str) -> dict[str, Any]:
    known = registered_for(backend, server, "")
    if known is None:
        raise RefusalError(Code.NOT_FOUND, f'cluster "{server}" not found')
    [item] = await shown(backend, [known])
    return item
