"""`admin export`: settings, secrets and custom resources as YAML documents, for `admin import`."""

import os
import sys

from fairlead.cli.admin.backup import exported
from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation
from fairlead.cli.errors import SettingsError
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.rest import KubeClient


def run(call: Invocation) -> None:
    """Write the backup to stdout or a file that only its owner reads."""
    others = [*call.values.many("application-namespaces"), *call.values.many("applicationset-namespaces")]

    async def read(client: KubeClient, namespace: str) -> list[str]:
        return [as_yaml(found) async for found in exported(client, namespace, others)]

    documents = at(call.values, read)
    backup = "".join(f"{document}---\n" for document in documents)
    where = call.values.text("out")
    if where == "-":
        sys.stdout.write(backup)
        return
    try:
        opened = os.open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(backup)
    except OSError as error:
        raise SettingsError(f"cannot write {where}: {error.strerror}") from error
