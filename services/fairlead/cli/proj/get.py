"""`proj get`: one project."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.proj.words import destination_word, kinds_word, orphaned_word
from fairlead.cli.view import document

WIDTH = 29


def run(call: Invocation) -> None:
    """Print it, with the repositories and clusters that are its own."""
    (name,) = call.exactly("PROJECT")
    with connect(call.values) as client:
        detailed = client.projects.detailed(name)
    project = detailed.get("project") or {}
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(project, form)
        return
    spec = project.get("spec") or {}
    print(_line("Name:", str(project.get("metadata", {}).get("name", ""))))
    print(_line("Description:", str(spec.get("description") or "")))
    for title, entries in _blocks(spec, detailed):
        first, *others = entries or ["<none>"]
        print(_line(title, first))
        for other in others:
            print(_line("", other))
    print(_line("Orphaned Resources:", orphaned_word(spec)))


def _blocks(spec: Document, detailed: Document) -> list[tuple[str, list[str]]]:
    return [
        ("Destinations:", [destination_word(entry) for entry in spec.get("destinations") or []]),
        ("Repositories:", list(spec.get("sourceRepos") or [])),
        ("Source Namespaces:", list(spec.get("sourceNamespaces") or [])),
        ("Scoped Repositories:", [str(entry.get("repo")) for entry in detailed.get("repositories") or []]),
        ("Allowed Cluster Resources:", kinds_word(spec.get("clusterResourceWhitelist"))),
        ("Scoped Clusters:", [str(entry.get("server")) for entry in detailed.get("clusters") or []]),
        ("Denied Namespaced Resources:", kinds_word(spec.get("namespaceResourceBlacklist"))),
        ("Signature keys:", [str(entry.get("keyID")) for entry in spec.get("signatureKeys") or []]),
    ]


def _line(label: str, value: str) -> str:
    return f"{label:<{WIDTH}}{value}"


COMMAND = Command(
    usage="PROJECT",
    about="Show a project: what its applications may come from, and go to.",
    run=run,
    flags=(output("wide", "json", "yaml"),),
    examples=("proj get shop", "proj get shop -o yaml"),
)
