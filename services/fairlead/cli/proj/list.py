"""`proj list`: projects at a glance."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.proj.words import destination_word, kinds_word, orphaned_word
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

HEADER = (
    "NAME",
    "DESCRIPTION",
    "DESTINATIONS",
    "SOURCES",
    "CLUSTER-RESOURCE-WHITELIST",
    "NAMESPACE-RESOURCE-BLACKLIST",
    "SOURCE-INTEGRITY",
    "ORPHANED-RESOURCES",
    "DESTINATION-SERVICE-ACCOUNTS",
)


def run(call: Invocation) -> None:
    """List those that may be seen."""
    with connect(call.values) as client:
        found = client.projects.list_all()
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    elif form == "name":
        print("".join(f"{project['metadata']['name']}\n" for project in found), end="")
    else:
        print(columns([HEADER, *map(_row, found)]), end="")


def _row(project: Document) -> tuple[str, ...]:
    spec = project.get("spec") or {}
    return (
        str(project["metadata"]["name"]),
        str(spec.get("description") or ""),
        _counted([destination_word(entry) for entry in spec.get("destinations") or []], "destinations"),
        _counted(list(spec.get("sourceRepos") or []), "repos"),
        _counted(kinds_word(spec.get("clusterResourceWhitelist")), "resources"),
        _counted(kinds_word(spec.get("namespaceResourceBlacklist")), "resources"),
        _integrity(spec),
        orphaned_word(spec),
        _counted(
            [str(e.get("defaultServiceAccount")) for e in spec.get("destinationServiceAccounts") or []],
            "accounts",
        ),
    )


def _integrity(spec: Document) -> str:
    keys = spec.get("signatureKeys") or []
    policies = ((spec.get("sourceIntegrity") or {}).get("git") or {}).get("policies") or []
    if policies:
        return _counted(["git"] * len(policies), "policies")
    return f"{len(keys)} key(s)" if keys else "<none>"


def _counted(entries: list[str], what: str) -> str:
    if not entries:
        return "<none>"
    return entries[0] if len(entries) == 1 else f"{len(entries)} {what}"


COMMAND = Command(
    usage="",
    about="List projects.",
    run=run,
    flags=(output("wide", "name", "json", "yaml"),),
    examples=("proj list", "proj list -o name"),
)
