"""The texts of a Secret as Kubernetes keeps them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import structlog

log = structlog.get_logger(__name__)


def plain(data: Mapping[str, str] | None) -> dict[str, str]:
    """The texts by key; what is none is left out, and said."""
    found = {}
    for key, text in (data or {}).items():
        try:
            found[key] = base64.b64decode(text).decode()
        except (binascii.Error, ValueError):
            log.warning("notifications.secret.unreadable", key=key)
    return found
