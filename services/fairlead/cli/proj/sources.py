"""`proj add-source` and `remove-source`: where applications of a project may come from."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj.change import change


def add(call: Invocation) -> None:
    """Permit a repository."""
    name, url = call.exactly("PROJECT", "URL")

    def edit(spec: Document) -> bool:
        known = spec.get("sourceRepos") or []
        for permitted in known:
            if permitted in ("*", url):
                print(f"Source repository '{permitted}' already allowed in project")
                return False
        spec["sourceRepos"] = [*known, url]
        return True

    change(call, name, edit)


def remove(call: Invocation) -> None:
    """Permit a repository no longer."""
    name, url = call.exactly("PROJECT", "URL")

    def edit(spec: Document) -> bool:
        known = spec.get("sourceRepos") or []
        if url not in known:
            print(f"Source repository '{url}' does not exist in project")
            return False
        spec["sourceRepos"] = [entry for entry in known if entry != url]
        return True

    change(call, name, edit)


ADD = Command(
    usage="PROJECT URL",
    about="Permit a repository, which may be a pattern.",
    run=add,
    examples=("proj add-source shop 'https://git.example.com/shop/*'",),
)
REMOVE = Command(usage="PROJECT URL", about="Permit a repository no longer.", run=remove)
