"""Which server a command talks to, and as whom: flags over environment over the configuration file.

The invariant: a token kept for one server is never sent to another that was named by a flag or variable.
"""

import os
import time
from pathlib import Path

import msgspec

from fairlead.cli.client import Client, Server
from fairlead.cli.client.server import normalized
from fairlead.cli.command import Values
from fairlead.cli.config_file import ConfigFile, Entry, default_path
from fairlead.cli.errors import SettingsError
from fairlead.cli.session.token import claims_of

CORE = "kubernetes"
"""What stands for a server where Kubernetes itself is spoken to."""


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
    refuse_unsupported(values)
    if values.switch("core"):
        return _core(values)
    given = values.text("server") or os.environ.get("ARGOCD_SERVER", "")
    kept, token = _kept(values, normalized(given) if given else "")
    address = normalized(given) if given else str(kept.get("server") or "")
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
            token=os.environ.get("ARGOCD_AUTH_TOKEN", "") or token,
            ca_data=str(kept.get("certificate-authority-data") or ""),
        ),
    )


def _core(values: Values) -> Server:
    """Kubernetes in place of a server, by the kubeconfig of KUBECONFIG or the one at home."""
    named = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    file = named or str(Path.home() / ".kube" / "config")
    return Server(
        address="kubernetes", is_core=True, kubeconfig=file, kube_context=values.text("kube-context")
    )


def flagged(values: Values, server: Server) -> Server:
    """The server with what flags say about it."""
    return msgspec.structs.replace(
        server,
        plaintext=_switch(values, "plaintext", server.plaintext),
        insecure=_switch(values, "insecure", server.insecure),
        root_path=values.text("grpc-web-root-path") or server.root_path,
        token=values.text("auth-token").strip() or server.token,
        ca_file=values.text("server-crt"),
        client_cert_file=values.text("client-crt"),
        client_key_file=values.text("client-crt-key"),
        headers=tuple(values.many("header")),
        retries=values.number("http-retry-max"),
    )


def refuse_unsupported(values: Values) -> None:
    """Say so when a way to reach the server was asked for that there is not."""
    if values.switch("port-forward"):
        raise SettingsError("--port-forward is unavailable: expose the API server and log in to it")


def context_name(values: Values, config: ConfigFile) -> str:
    """The context that was named, else the current one."""
    return values.text("argocd-context") or config.current


def _kept(values: Values, address: str) -> tuple[Entry, str]:
    config = config_of(values)
    name = context_name(values, config)
    context = config.context(name) if name else None
    if values.text("argocd-context") and context is None:
        raise SettingsError(f"Context '{name}' undefined; `context` lists those there are")
    if address and (context is None or context.get("server") != address):
        context = next((entry for entry in config.contexts if entry.get("server") == address), None)
    if context is None:
        return {}, ""
    server = config.server(str(context.get("server"))) or {"server": context.get("server")}
    user = config.user(str(context.get("user"))) or {}
    return server, str(user.get("auth-token") or "")


def _switch(values: Values, flag: str, otherwise: bool) -> bool:
    return values.switch(flag) if values.is_given(flag) else otherwise
