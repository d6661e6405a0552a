"""`proj add-orphaned-ignore` and `remove-orphaned-ignore`: objects that may belong to nobody."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.proj import change as changing
from fairlead.cli.proj.change import change


def add(call: Invocation) -> None:
    """Say nothing of a kind that belongs to nobody."""
    name, entry = _named(call)
    refusal = "Specified resource is already defined in the orphaned ignore list of project"

    def edit(spec: Document) -> bool:
        watched = spec["orphanedResources"] = spec.get("orphanedResources") or {}
        return changing.add(watched, "ignore", entry, refusal)

    change(call, name, edit)


def remove(call: Invocation) -> None:
    """Tell of it again."""
    name, entry = _named(call)
    refusal = "Specified resource does not exist in the orphaned ignore list of project"

    def is_meant(known: Document) -> bool:
        return all((known.get(key) or "") == entry.get(key, "") for key in ("group", "kind", "name"))

    def edit(spec: Document) -> bool:
        watched = spec.get("orphanedResources") or {}
        return changing.remove(watched, "ignore", is_meant, refusal)

    change(call, name, edit)


def _named(call: Invocation) -> tuple[str, dict[str, str]]:
    project, group, kind = call.exactly("PROJECT", "GROUP", "KIND")
    given = {"group": group, "kind": kind, "name": call.values.text("name")}
    return project, {key: value for key, value in given.items() if value}


_NAME = text("name", "Name of the object, which may be a pattern.")
ADD = Command(
    usage="PROJECT GROUP KIND",
    about="Leave a kind out of the search for objects that belong to nobody.",
    run=add,
    flags=(_NAME,),
    examples=("proj add-orphaned-ignore shop '' ConfigMap --name 'kube-*'",),
)
REMOVE = Command(
    usage="PROJECT GROUP KIND",
    about="Search for a kind that belongs to nobody again.",
    run=remove,
    flags=(_NAME,),
)
