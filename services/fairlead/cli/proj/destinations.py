"""`proj add-destination` and `remove-destination`, and the accounts to sync with there."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, switch, text
from fairlead.cli.proj import change as changing
from fairlead.cli.proj.change import change

ACCOUNTS = "destinationServiceAccounts"


def add(call: Invocation) -> None:
    """Permit a destination."""
    name, server, namespace = call.exactly("PROJECT", "SERVER|NAME", "NAMESPACE")
    key = "name" if call.values.switch("name") else "server"
    entry = {key: server, "namespace": namespace}
    refusal = "Specified destination is already defined in project"
    change(call, name, lambda spec: changing.add(spec, "destinations", entry, refusal))


def remove(call: Invocation) -> None:
    """Permit a destination no longer."""
    name, server, namespace = call.exactly("PROJECT", "SERVER|NAME", "NAMESPACE")

    def is_meant(entry: Document) -> bool:
        return server in (entry.get("server"), entry.get("name")) and entry.get("namespace") == namespace

    refusal = "Specified destination does not exist in project"
    change(call, name, lambda spec: changing.remove(spec, "destinations", is_meant, refusal))


def add_account(call: Invocation) -> None:
    """Say as which account to sync to a destination."""
    name, server, namespace, account = call.exactly("PROJECT", "SERVER", "NAMESPACE", "ACCOUNT")
    where = call.values.text("service-account-namespace")
    full = f"{where}:{account}" if where else account
    entry = {"server": server, "namespace": namespace, "defaultServiceAccount": full}
    refusal = "Specified destination service account is already defined in project"
    change(call, name, lambda spec: changing.add(spec, ACCOUNTS, entry, refusal))


def remove_account(call: Invocation) -> None:
    """Say so no longer."""
    name, server, namespace, account = call.exactly("PROJECT", "SERVER", "NAMESPACE", "ACCOUNT")

    def is_meant(entry: Document) -> bool:
        known = (entry.get("server"), entry.get("namespace"), entry.get("defaultServiceAccount"))
        return known == (server, namespace, account)

    refusal = "Specified destination service account does not exist in project"
    change(call, name, lambda spec: changing.remove(spec, ACCOUNTS, is_meant, refusal))


ADD = Command(
    usage="PROJECT SERVER|NAME NAMESPACE",
    about="Permit a destination; both parts may be patterns.",
    run=add,
    flags=(switch("name", "The cluster is given by its name."),),
    examples=(
        "proj add-destination shop https://kubernetes.default.svc 'shop-*'",
        "proj add-destination shop eu-west shop --name",
    ),
)
REMOVE = Command(usage="PROJECT SERVER|NAME NAMESPACE", about="Permit a destination no longer.", run=remove)
ADD_ACCOUNT = Command(
    usage="PROJECT SERVER NAMESPACE ACCOUNT",
    about="Say as which service account of the destination to sync.",
    run=add_account,
    flags=(text("service-account-namespace", "Namespace of the service account."),),
    examples=("proj add-destination-service-account shop https://kubernetes.default.svc shop deployer",),
)
REMOVE_ACCOUNT = Command(
    usage="PROJECT SERVER NAMESPACE ACCOUNT",
    about="Take back as which service account to sync.",
    run=remove_account,
)
