"""Which server a command talks to, and as whom: flags over environment over the configuration file.

The invariant: a token kept for one server is never sent to another that was named by a flag or variable.
"""

import os
import time
from pathlib import Path

import msgspec

from fairlead.cli.client import Client, Server
from fairlead.cli.client.server import Forwarded, normalized
from fairlead.cli.command import Values
from fairlead.cli.config_file import ConfigFile, Entry, default_path
from fairlead.cli.errors import SettingsError
from fairlead.cli.session.token import claims_of

CORE = "kubernetes"
"""What stands for a server where Kubernetes itself is spoken to."""
FORWARDED = "port-forward"
"""What stands for a server that is reached through Kubernetes; sessions with it are kept under this name."""
SERVER_NAME = "argocd-server"


def config_of(values: Values) -> ConfigFile:
    """The configuration file that the flags and the environment mean."""
    named = values.text("config")
    return ConfigFile(Path(named) if named else default_path())


def connect(values: Values) -> Client:
    """A client for the server of this command line. Raises SettingsError when none is known."""
    return Client(_renewed(values, server_of(values)))


def _renewed(values: Values, server: Server) -> Server:
    """The server with a new token in place of one of single sign-on that has expired."""
    if not server.token or (end := claims_of(server.token).exp) == 0 or end > time.time():
        return server
    config = config_of(values)
    kept = next((user for user in config.users if user.get("auth-token") == server.token), None)
    if kept is None or not kept.get("refresh-token"):
        return server
    from fairlead.cli.session.sign_on import provider_of, renewed

    with Client(msgspec.structs.replace(server, token="")) as client:
        provider = provider_of(client.settings(), server.url)
    tokens = renewed(provider, str(kept["refresh-token"]))
    config.keep_tokens(str(kept["name"]), tokens.id_token, tokens.refresh_token)
    config.save()
    return msgspec.structs.replace(server, token=tokens.id_token)


def server_of(values: Values) -> Server:
    """The server of this command line, with its token."""
    if values.switch("core"):
        return _core(values)
    given = address_given(values)
    kept, token = _kept(values, given)
    address = given or str(kept.get("server") or "")
    if kept.get("core"):
        return _core(values)
    if not address:
        raise SettingsError(
            "Argo CD server address unspecified: log in first (login HOST:PORT), or give --server"
        )
    return flagged(
        values,
        Server(
            address=address,
            plaintext=bool(kept.get("plain-text")),
            insecure=bool(kept.get("insecure")),
            root_path=str(kept.get("grpc-web-root-path") or ""),
            token=os.environ.get("ARGOCD_AUTH_TOKEN", "").strip() or token,
            ca_data=str(kept.get("certificate-authority-data") or ""),
            client_cert_data=str(kept.get("client-certificate-data") or ""),
            client_key_data=str(kept.get("client-certificate-key-data") or ""),
        ),
    )


def address_given(values: Values, otherwise: str = "") -> str:
    """The address that flags or the environment name, else what is in `otherwise`, "" for none."""
    if values.switch("port-forward") or values.text("port-forward-namespace"):
        return FORWARDED
    given = otherwise or values.text("server") or os.environ.get("ARGOCD_SERVER", "")
    return normalized(given) if given else ""


def _core(values: Values) -> Server:
    """Kubernetes in place of a server."""
    return Server(address=CORE, is_core=True, kube_context=values.text("kube-context"))


def flagged(values: Values, server: Server) -> Server:
    """The server with what flags say about it."""
    return msgspec.structs.replace(
        _forwarded(values, server),
        plaintext=_switch(values, "plaintext", server.plaintext),
        insecure=_switch(values, "insecure", server.insecure) or server.address == FORWARDED,
        root_path=values.text("grpc-web-root-path") or server.root_path,
        token=values.text("auth-token").strip() or server.token,
        ca_file=values.text("server-crt"),
        client_cert_file=values.text("client-crt"),
        client_key_file=values.text("client-crt-key"),
        headers=tuple(values.many("header")),
        retries=values.number("http-retry-max"),
    )


def _forwarded(values: Values, server: Server) -> Server:
    if server.address != FORWARDED:
        return server
    name = values.text("server-name") or os.environ.get("ARGOCD_SERVER_NAME") or SERVER_NAME
    return msgspec.structs.replace(
        server,
        forwarded=Forwarded(name=name, namespace=values.text("port-forward-namespace")),
        kube_context=values.text("kube-context"),
    )


def context_name(values: Values, config: ConfigFile) -> str:
    """The context that was named, else the current one."""
    return values.text("argocd-context") or config.current


def context_of(values: Values, config: ConfigFile, address: str) -> Entry | None:
    """The context whose session is used with a server: that of the flags where it is this server's, else one
    that is. Without an address, that of the flags. Raises SettingsError for one that does not exist."""
    name = context_name(values, config)
    context = config.context(name) if name else None
    if values.text("argocd-context") and context is None:
        raise SettingsError(f"Context '{name}' undefined; `context` lists those there are")
    if address and (context is None or context.get("server") != address):
        return next((entry for entry in config.contexts if entry.get("server") == address), None)
    return context


def _kept(values: Values, address: str) -> tuple[Entry, str]:
    config = config_of(values)
    context = context_of(values, config, address)
    if context is None:
        return {}, ""
    server = config.server(str(context.get("server"))) or {"server": context.get("server")}
    user = config.user(str(context.get("user"))) or {}
    return server, str(user.get("auth-token") or "")


def _switch(values: Values, flag: str, otherwise: bool) -> bool:
    return values.switch(flag) if values.is_given(flag) else otherwise
