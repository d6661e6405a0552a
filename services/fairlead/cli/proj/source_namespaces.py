"""`proj add-source-namespace` and `remove-source-namespace`: where applications of a project may be."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj.change import change


def add(call: Invocation) -> None:
    """Let applications of the project be in a namespace."""
    name, namespace = call.exactly("PROJECT", "NAMESPACE")

    def edit(spec: Document) -> bool:
        known = spec.get("sourceNamespaces") or []
        for permitted in known:
            if permitted in ("*", namespace):
                print(f"Source namespace '{permitted}' already allowed in project")
                return False
        spec["sourceNamespaces"] = [*known, namespace]
        return True

    change(call, name, edit)


def remove(call: Invocation) -> None:
    """Let applications of the project be in a namespace no longer."""
    name, namespace = call.exactly("PROJECT", "NAMESPACE")

    def edit(spec: Document) -> bool:
        known = spec.get("sourceNamespaces") or []
        if namespace not in known:
            print(f"Source namespace '{namespace}' does not exist in project")
            return False
        spec["sourceNamespaces"] = [entry for entry in known if entry != namespace]
        return True

    change(call, name, edit)


ADD = Command(
    usage="PROJECT NAMESPACE",
    about="Let applications of the project be in a namespace, which may be a pattern.",
    run=add,
    examples=("proj add-source-namespace shop shop-apps",),
)
REMOVE = Command(
    usage="PROJECT NAMESPACE",
    about="Let applications of the project be in a namespace no longer.",
    run=remove,
)
