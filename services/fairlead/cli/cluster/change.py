"""`cluster set`, `rotate-auth` and `rm`."""

from fairlead.cli import prompt
from fairlead.cli.client import Document
from fairlead.cli.cluster.account import Account
from fairlead.cli.command import Invocation, Values
from fairlead.cli.connection import connect
from fairlead.cli.errors import CliError, UsageError
from fairlead.cli.spec.source import pair

_CONSEQUENCE = "Any Apps deploying to this cluster will go to health status Unknown."


def change(call: Invocation) -> None:
    """Change what the flags name."""
    values, named = call.values, call.one("cluster")
    changed: Document = {}
    if values.is_given("name"):
        changed["name"] = values.text("name")
    if values.is_given("namespace"):
        namespaces = values.many("namespace")
        changed["namespaces"] = [] if namespaces == ["*"] else namespaces
    for flag, key in (("label", "labels"), ("annotation", "annotations")):
        if values.is_given(flag):
            changed[key] = dict(pair(written, "NAME=VALUE") for written in values.many(flag))
    if not changed:
        raise UsageError("Specify the flag --name or --namespace or --label or --annotation")
    with connect(values) as client:
        client.connections.update_cluster(named, changed, list(changed))
    print(f"Cluster '{named}' updated.")


def rotate(call: Invocation) -> None:
    """Replace the token that the cluster is reached with."""
    named = call.one("cluster")
    with connect(call.values) as client:
        client.connections.rotate_cluster(named)
    print(f"Cluster '{named}' rotated auth")


def remove(call: Invocation) -> None:
    """Disconnect each in turn, and take our account away there when a kubeconfig says how."""
    if not call.arguments:
        raise UsageError("name at least one cluster, by its address or name")
    with connect(call.values) as client:
        for named in call.arguments:
            question = f"Are you sure you want to remove '{named}'? {_CONSEQUENCE}[y/n] "
            if not call.values.switch("yes") and not prompt.may(call.values, question):
                print(f"The command to remove '{named}' was cancelled.")
                continue
            cluster = client.connections.cluster(named)
            client.connections.delete_cluster(named)
            _withdraw(call.values, str(cluster.get("server") or named))
            print(f"Cluster '{named}' removed")


def _withdraw(values: Values, server: str) -> None:
    """Take away the account that `cluster add` made; only where a context names the cluster."""
    from fairlead.cli import messages

    account = Account.of_server(values, server)
    if account is None:
        return
    try:
        account.withdraw()
    except CliError as error:
        messages.warning(f"the account {account.name} on {server} could not be removed: {error}")
