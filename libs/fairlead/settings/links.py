"""Deep links as argocd-cm configures them: `application.links`, `project.links`, `resource.links`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

MAX_LINKS = 100
"""Links of one key; what is beyond is left out."""


class LinkRule(msgspec.Struct, frozen=True, kw_only=True):
    """One link: Go templates for its words and address, an expr for when it is shown ("" = always)."""

    title: str
    url: str
    description: str = ""
    icon_class: str = ""
    condition: str = ""


def link_rules(items: Iterable[Mapping[str, Any]]) -> tuple[LinkRule, ...]:
    """The rules of one key; an entry without a title or an address is none."""
    found = (
        LinkRule(
            title=str(item.get("title") or ""),
            url=str(item.get("url") or ""),
            description=str(item.get("description") or ""),
            icon_class=str(item.get("icon.class") or ""),
            condition=str(item.get("if") or ""),
        )
        for item in items
    )
    return tuple(rule for rule in found if rule.title and rule.url)[:MAX_LINKS]
