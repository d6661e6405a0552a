"""`cluster list` and `get`."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns


def list_all(call: Invocation) -> None:
    """Print clusters."""
    with connect(call.values) as client:
        found = client.connections.clusters()
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "server":
        print("".join(f"{cluster['server']}\n" for cluster in found), end="")
    else:
        titles = ("SERVER", "NAME", "VERSION", "STATUS", "MESSAGE", "PROJECT")
        print(columns([titles, *map(_row, found)]), end="")


def get(call: Invocation) -> None:
    """Print clusters by address or name."""
    if not call.arguments:
        raise UsageError("name at least one cluster, by its address or name")
    with connect(call.values) as client:
        found = [client.connections.cluster(named) for named in call.arguments]
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found[0] if len(found) == 1 else found, form)
    elif form == "server":
        print("".join(f"{cluster['server']}\n" for cluster in found), end="")
    else:
        for cluster in found:
            print(_block(cluster), end="")


def _row(cluster: Document) -> tuple[str, ...]:
    state = (cluster.get("info") or {}).get("connectionState") or cluster.get("connectionState") or {}
    server = str(cluster.get("server") or "")
    namespaces = cluster.get("namespaces") or []
    return (
        f"{server} ({len(namespaces)} namespaces)" if namespaces else server,
        str(cluster.get("name") or ""),
        _version(cluster),
        str(state.get("status") or ""),
        str(state.get("message") or ""),
        str(cluster.get("project") or ""),
    )


def _version(cluster: Document) -> str:
    return str((cluster.get("info") or {}).get("serverVersion") or cluster.get("serverVersion") or "")


def _block(cluster: Document) -> str:
    config = cluster.get("config") or {}
    tls = config.get("tlsClientConfig") or {}
    state = (cluster.get("info") or {}).get("connectionState") or cluster.get("connectionState") or {}
    lines = [
        "Cluster information",
        "",
        f"  Server URL:            {cluster.get('server') or ''}",
        f"  Server Name:           {cluster.get('name') or '-'}",
        f"  Server Version:        {_version(cluster)}",
        f"  Namespaces:            {', '.join(cluster.get('namespaces') or []) or '-'}",
        f"  Connection status:     {state.get('status') or '-'}",
        "",
        "TLS configuration",
        "",
        f"  Client cert:           {_word(tls.get('certData'))}",
        f"  Cert validation:       {_word(not tls.get('insecure'))}",
        "",
        "Authentication",
        "",
        f"  Basic authentication:  {_word(config.get('username'))}",
        f"  oAuth authentication:  {_word(config.get('bearerToken'))}",
        f"  AWS authentication:    {_word(config.get('awsAuthConfig'))}",
        "",
    ]
    return "\n".join([*lines, f"  Disable compression:   {_word(config.get('disableCompression'))}", ""])


def _word(value: object) -> str:
    return "true" if value else "false"


LIST = Command(
    usage="",
    about="List clusters.",
    run=list_all,
    flags=(output("wide", "server", "json", "yaml"),),
    examples=("cluster list", "cluster list -o server"),
)
GET = Command(
    usage="SERVER|NAME...",
    about="Show clusters.",
    run=get,
    flags=(output("wide", "server", "json", "yaml", default="yaml"),),
    examples=("cluster get https://kubernetes.default.svc", "cluster get in-cluster -o wide"),
)
