"""`proj role add-policy` and `remove-policy`."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation, text
from fairlead.cli.errors import DeclinedError, UsageError
from fairlead.cli.proj.change import change, role_of


def add(call: Invocation) -> None:
    """Let a role do something, or not."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")
    line = _line(call, project, name)

    def edit(spec: Document) -> bool:
        role = role_of(spec, project, name)
        known = role.get("policies") or []
        if line not in known:
            role["policies"] = [*known, line]
        return True

    change(call, project, edit)


def remove(call: Invocation) -> None:
    """Take a rule away."""
    project, name = call.exactly("PROJECT", "ROLE-NAME")
    line = _line(call, project, name)

    def edit(spec: Document) -> bool:
        role = role_of(spec, project, name)
        known = role.get("policies") or []
        if line not in known:
            raise DeclinedError(f"policy '{line}' does not exist in role '{name}'")
        role["policies"] = [entry for entry in known if entry != line]
        return True

    change(call, project, edit)


def _line(call: Invocation, project: str, role: str) -> str:
    values = call.values
    action, objects = values.text("action"), values.text("object")
    if not action or not objects:
        raise UsageError("give --action and --object")
    resource, verdict = values.text("resource"), values.text("permission")
    return f"p, proj:{project}:{role}, {resource}, {action}, {project}/{objects}, {verdict}"


_FLAGS = (
    text("action", "What may be done: get, create, sync, …", short="a"),
    text("object", "Objects it may be done to, within the project.", short="o"),
    text("permission", "Allow or deny.", short="p", default="allow", choices=("allow", "deny")),
    text("resource", "Kind of object.", short="r", default="applications"),
)
ADD = Command(
    usage="PROJECT ROLE-NAME",
    about="Add a rule to a role.",
    run=add,
    flags=_FLAGS,
    examples=("proj role add-policy shop deployer -a sync -p allow -o '*'",),
)
REMOVE = Command(usage="PROJECT ROLE-NAME", about="Take a rule out of a role.", run=remove, flags=_FLAGS)
