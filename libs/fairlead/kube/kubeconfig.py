"""Reads a kubeconfig into a `Connection`; the plain cases by itself, plugins by leaving a note.

Invariant: nothing a kubeconfig names is executed here; that happens in `credentials.py`, on first use.
"""

import base64
import binascii
from pathlib import Path

import msgspec
import yaml

from fairlead.kube.connection import Connection, Plugin
from fairlead.kube.errors import ConnectionConfigError

MAX_KUBECONFIG_BYTES = 4 * 1024 * 1024


class _Cluster(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    server: str = ""
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    disable_compression: bool = False


class _User(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    token: str = ""
    token_file: str = msgspec.field(name="tokenFile", default="")
    username: str = ""
    password: str = ""
    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    as_user: str = msgspec.field(name="as", default="")
    as_groups: list[str] = []
    exec_: dict[str, object] | None = msgspec.field(name="exec", default=None)
    auth_provider: dict[str, object] | None = None


class _Context(msgspec.Struct, frozen=True, kw_only=True):
    cluster: str = ""
    user: str = ""
    namespace: str = ""


class _NamedCluster(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    cluster: _Cluster


class _NamedUser(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    user: _User | None = None


class _NamedContext(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    context: _Context


class _Kubeconfig(msgspec.Struct, frozen=True, kw_only=True):
    current_context: str = msgspec.field(name="current-context", default="")
    clusters: list[_NamedCluster] | None = None
    users: list[_NamedUser] | None = None
    contexts: list[_NamedContext] | None = None


def from_kubeconfig(
    path: Path | str, context: str | None = None, *, cluster: str = "", user: str = ""
) -> Connection:
    """The connection of one context, by default the current one; relative paths count from the file.

    `cluster` and `user` name other entries of the file than the context does.
    Raises ConnectionConfigError, naming what is missing.
    """
    file = Path(path)
    config = _load(file)
    chosen = _context(config, context or config.current_context, file)
    place = _cluster(config, cluster or chosen.cluster, file)
    who = _user(config, user or chosen.user, file)
    needs_plugin = bool(who.exec_ or who.auth_provider)
    if needs_plugin and user not in ("", chosen.user):
        raise ConnectionConfigError(f"kubeconfig {file}: user {user!r} needs a plugin; name its context")
    return Connection(
        server=place.server.rstrip("/"),
        ca=_data_or_file(place.certificate_authority_data, place.certificate_authority, file),
        client_cert=_data_or_file(who.client_certificate_data, who.client_certificate, file),
        client_key=_data_or_file(who.client_key_data, who.client_key, file),
        token=who.token or None,
        token_file=str(file.parent / who.token_file) if who.token_file else None,
        username=who.username or None,
        password=who.password or None,
        plugin=Plugin(kubeconfig=str(file), context=context) if needs_plugin else None,
        insecure=place.insecure_skip_tls_verify,
        server_name=place.tls_server_name or None,
        proxy_url=place.proxy_url or None,
        compress=not place.disable_compression,
        namespace=chosen.namespace or "default",
        impersonate_user=who.as_user or None,
        impersonate_groups=tuple(who.as_groups),
    )


def _load(file: Path) -> _Kubeconfig:
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_KUBECONFIG_BYTES)
        return msgspec.convert(yaml.safe_load(text) or {}, type=_Kubeconfig)
    except OSError as error:
        raise ConnectionConfigError(f"kubeconfig {file}: {error.strerror}") from None
    except (yaml.YAMLError, msgspec.ValidationError):
        raise ConnectionConfigError(f"kubeconfig {file} is not a valid kubeconfig") from None


def _context(config: _Kubeconfig, name: str, file: Path) -> _Context:
    for entry in config.contexts or ():
        if entry.name == name:
            return entry.context
    raise ConnectionConfigError(f"kubeconfig {file}: no context {name!r}")


def _cluster(config: _Kubeconfig, name: str, file: Path) -> _Cluster:
    for entry in config.clusters or ():
        if entry.name == name and entry.cluster.server:
            return entry.cluster
    raise ConnectionConfigError(f"kubeconfig {file}: no server for cluster {name!r}")


def _user(config: _Kubeconfig, name: str, file: Path) -> _User:
    if not name:
        return _User()
    for entry in config.users or ():
        if entry.name == name:
            return entry.user or _User()
    raise ConnectionConfigError(f"kubeconfig {file}: no user {name!r}")


def _data_or_file(data: str, path: str, kubeconfig: Path) -> bytes | None:
    try:
        if data:
            return base64.b64decode(data, validate=True)
        return (kubeconfig.parent / path).read_bytes() if path else None
    except binascii.Error:
        raise ConnectionConfigError(
            f"kubeconfig {kubeconfig}: certificate or key data is not base64"
        ) from None
    except OSError as error:
        raise ConnectionConfigError(f"kubeconfig {kubeconfig}: {path}: {error.strerror}") from None
