"""`proj role add-group` and `remove-group`."""

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Invocation
from fairlead.cli.proj.change import change, role_of


def add(call: Invocation) -> None:
    """Give a group of people the role."""
    project, name, group = call.exactly("PROJECT", "ROLE-NAME", "GROUP-CLAIM")

    def edit(spec: Document) -> bool:
        role = role_of(spec, project, name)
        known = role.get("groups") or []
        if group in known:
            print(f"Group '{group}' already present in role '{name}'")
            return False
        role["groups"] = [*known, group]
        return True

    if change(call, project, edit):
        print(f"Group '{group}' added to role '{name}'")


def remove(call: Invocation) -> None:
    """Take it from them."""
    project, name, group = call.exactly("PROJECT", "ROLE-NAME", "GROUP-CLAIM")

    def edit(spec: Document) -> bool:
        role = role_of(spec, project, name)
        known = role.get("groups") or []
        if group not in known:
            print(f"Group '{group}' not present in role '{name}'")
            return False
        role["groups"] = [entry for entry in known if entry != group]
        return True

    if change(call, project, edit):
        print(f"Group '{group}' removed from role '{name}'")


ADD = Command(
    usage="PROJECT ROLE-NAME GROUP-CLAIM",
    about="Give a group of people a role.",
    run=add,
    examples=("proj role add-group shop deployer my-org:shop",),
)
REMOVE = Command(usage="PROJECT ROLE-NAME GROUP-CLAIM", about="Take a role from a group.", run=remove)
