"""Parts of a project as tables show them."""

from typing import Any

from fairlead.cli.client import Document


def destination_word(entry: Document) -> str:
    """SERVER,NAMESPACE, or NAME,NAMESPACE where there is no address."""
    return f"{entry.get('server') or entry.get('name') or ''},{entry.get('namespace') or ''}"


def kinds_word(kinds: Any) -> list[str]:
    """GROUP/KIND of each, with a name where there is one."""
    words = []
    for kind in kinds or []:
        name = f"/{kind['name']}" if kind.get("name") else ""
        words.append(f"{kind.get('group') or ''}/{kind.get('kind') or ''}{name}")
    return words


def orphaned_word(spec: Document) -> str:
    """Whether objects that belong to nobody are watched for."""
    watched = spec.get("orphanedResources")
    if watched is None:
        return "disabled"
    ignored = len(watched.get("ignore") or [])
    return f"enabled (warn={str(watched.get('warn') is not False).lower()}" + (
        f", ignored {ignored})" if ignored else ")"
    )
