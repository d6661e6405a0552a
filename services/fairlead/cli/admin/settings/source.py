"""Where the settings come from that `admin settings` looks at: files, or the cluster."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.cli.admin.control_plane import CONFIG_MAPS, at
from fairlead.cli.command import Values
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.kube.rest import KubeClient


def settings_of(values: Values) -> Mapping[str, str]:
    """The data of argocd-cm. Raises CliError."""
    where = values.text("argocd-cm-path")
    if where:
        return _data(parsed(read_text(where), where), where)
    if not values.switch("load-cluster-settings"):
        raise SettingsError("give --argocd-cm-path FILE, or --load-cluster-settings")

    async def read(client: KubeClient, namespace: str) -> bytes | None:
        return await client.find(CONFIG_MAPS, "argocd-cm", namespace)

    raw = at(values, read)
    found = {} if raw is None else msgspec.json.decode(raw, type=dict[str, Any])
    return {str(key): str(value) for key, value in (found.get("data") or {}).items()}


def _data(found: list[Any], where: str) -> Mapping[str, str]:
    for document in found:
        if isinstance(document, dict) and document.get("kind") == "ConfigMap":
            return {str(key): str(value) for key, value in (document.get("data") or {}).items()}
    raise SettingsError(f"{where} holds no ConfigMap")
