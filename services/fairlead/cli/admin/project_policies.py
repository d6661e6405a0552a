"""`admin proj update-role-policy`: one rule in the roles of many projects."""

from fnmatch import fnmatchcase

import msgspec

from fairlead.cli.admin.backup import PROJECTS, everything
from fairlead.cli.admin.control_plane import at
from fairlead.cli.client import Document
from fairlead.cli.command import Invocation
from fairlead.cli.errors import UsageError
from fairlead.kube.rest import KubeClient


def update(call: Invocation) -> None:
    """Set or remove a rule in the roles of the projects that match."""
    values = call.values
    glob, modification, action = call.exactly("PROJECT-GLOB", "set|remove", "ACTION")
    if modification not in ("set", "remove"):
        raise UsageError("the modification is set or remove")

    async def write(client: KubeClient, namespace: str) -> None:
        for project in await everything(client, PROJECTS, namespace):
            name = str(project["metadata"]["name"])
            if not fnmatchcase(name, glob) or not _changed(project, name, modification, action, call):
                continue
            print(f"updating {name}{' (dry run)' if values.switch('dry-run') else ''}")
            if not values.switch("dry-run"):
                await client.update(PROJECTS, name, msgspec.json.encode(project), namespace)

    at(values, write)


def _changed(project: Document, name: str, modification: str, action: str, call: Invocation) -> bool:
    values, is_changed = call.values, False
    objects = values.text("scope") or f"{name}/*"
    for role in (project.get("spec") or {}).get("roles") or []:
        if not fnmatchcase(str(role.get("name")), values.text("role")):
            continue
        subject = f"p, proj:{name}:{role['name']}, {values.text('resource')}, {action}, {objects}"
        known = role.get("policies") or []
        kept = [line for line in known if not line.startswith(f"{subject}, ")]
        wanted = [*kept, f"{subject}, {values.text('permission')}"] if modification == "set" else kept
        if sorted(wanted) != sorted(known):
            role["policies"], is_changed = wanted, True
    return is_changed
