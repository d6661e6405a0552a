"""`app history`: what was deployed when."""

from fairlead.cli.app import show
from fairlead.cli.app.flags import NAMESPACE, PROJECT, one_app
from fairlead.cli.command import Command, Invocation, output
from fairlead.cli.connection import connect
from fairlead.cli.view.columns import columns
from fairlead.cli.view.summary import short_revision
from fairlead.cli.view.times import local
from fairlead.model.status import RevisionHistory


def run(call: Invocation) -> None:
    """Print the deployments that can be gone back to."""
    values = call.values
    with connect(values) as client:
        found = client.applications.get(one_app(call), project=values.text("project"))
    history = show.model(found).status.history
    if values.text("output") == "id":
        print("".join(f"{entry.id}\n" for entry in history), end="")
    else:
        print(table(history), end="")


def table(history: tuple[RevisionHistory, ...]) -> str:
    """Deployments by repository, oldest first."""
    by_repository: dict[str, list[tuple[str, str, str]]] = {}
    for entry in history:
        for repository, revision in _sources(entry):
            rows = by_repository.setdefault(repository, [])
            rows.append((str(entry.id), local(entry.deployed_at), revision))
    blocks = []
    for repository, rows in by_repository.items():
        blocks.append(columns([("SOURCE", repository), ("ID", "DATE", "REVISION"), *rows]))
    return "\n".join(blocks)


def _sources(entry: RevisionHistory) -> list[tuple[str, str]]:
    if entry.sources:
        revisions = entry.revisions if len(entry.revisions) == len(entry.sources) else ()
        pairs = zip(entry.sources, revisions or ("",) * len(entry.sources), strict=True)
    else:
        pairs = zip((entry.source,) if entry.source else (), (entry.revision,), strict=False)
    return [(source.repo_url, short_revision(source.target_revision, revision)) for source, revision in pairs]


COMMAND = Command(
    usage="APPNAME",
    about="Show what was deployed when; `app rollback` goes back to an id of this list.",
    run=run,
    flags=(NAMESPACE, PROJECT, output("wide", "id")),
    examples=("app history web", "app history web -o id"),
)
