"""What the API server of the cluster says manifests would make of the live objects (`--server-side-diff`).

The invariant: manifests that the server masked are not put to it again: a mask is no value.
"""

import msgspec

from fairlead.cli.client import AppRef, Client, Document

Identity = tuple[str, str, str, str]


def asked_of_the_server(
    client: Client, app: AppRef, items: list[Document], manifests: list[str], *, project: str
) -> list[Document]:
    """Managed objects with what applying the manifests would make of them; those without one would go."""
    predicted = client.applications.predicted(app, manifests, project=project) if manifests else []
    known = {_identity(item) for item in predicted}
    left = (item for item in items if _identity(item) not in known and _is_live(item))
    return predicted + [{**item, "targetState": "", "predictedLiveState": ""} for item in left]


def without_masked(manifests: list[str]) -> list[str]:
    """The manifests but Secrets."""
    return [text for text in manifests if not _is_secret(msgspec.json.decode(text, type=Document))]


def _is_secret(obj: Document) -> bool:
    return obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"


def _is_live(item: Document) -> bool:
    return item.get("liveState") not in (None, "", "null")


def _identity(item: Document) -> Identity:
    return (item.get("group", ""), item.get("kind", ""), item.get("namespace", ""), item.get("name", ""))
