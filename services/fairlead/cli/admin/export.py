"""`admin export`: settings, secrets and custom resources as YAML documents, for `admin import`."""

from fairlead.cli.admin.backup import exported, homes
from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation
from fairlead.cli.spec.places import write_text
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.rest import KubeClient


def run(call: Invocation) -> None:
    """Write the backup to stdout or a file that only its owner reads."""

    async def read(client: KubeClient, namespace: str) -> list[str]:
        others = await homes(client, namespace, call.values)
        return [as_yaml(found) async for found in exported(client, namespace, others)]

    documents = at(call.values, read)
    backup = "".join(f"{document}---\n" for document in documents)
    write_text(call.values.text("out"), backup, is_secret=True)
