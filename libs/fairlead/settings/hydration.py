"""Who commits what is hydrated, and what is said there (contract 11.1): keys of argocd-cm.

Invariant: an absent or empty key gives its default.
"""

from collections.abc import Mapping

from fairlead.rpc.hydration import Authoring
from fairlead.settings.reading import Reader

CONFIG_MAP = "argocd-cm"


def authoring(data: Mapping[str, str]) -> Authoring:
    """Read the `data` of argocd-cm."""
    read, usual = Reader(CONFIG_MAP, data), Authoring()
    return Authoring(
        name=read.text("commit.author.name", usual.name),
        email=read.text("commit.author.email", usual.email),
        message_template=data.get("sourceHydrator.commitMessageTemplate", ""),
        readme_template=data.get("sourceHydrator.readmeMessageTemplate", ""),
    )
