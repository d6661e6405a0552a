"""One call by verb and path: parts of a path are escaped here, and empty parameters left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from fairlead.cli.client.applications import Document, decoded

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport


def ask(
    transport: Transport,
    verb: str,
    *parts: str,
    query: Mapping[str, Any] | None = None,
    body: object = None,
) -> Document:
    """The answer of `/api/v1/<parts>`. Raises CliError."""
    path = "/".join(quote(part, safe="") for part in parts)
    kept = {key: value for key, value in (query or {}).items() if value not in ("", None, False, [])}
    words = {key: "true" if value is True else value for key, value in kept.items()}
    tail = f"?{urlencode(words, doseq=True)}" if words else ""
    content = None if body is None else msgspec.json.encode(body)
    return decoded(transport.call(verb, f"/api/v1/{path}{tail}", content))
