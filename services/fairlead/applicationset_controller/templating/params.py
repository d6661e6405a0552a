"""What templates are filled in with."""

from __future__ import annotations

from typing import Any

Params = dict[str, Any]
"""One set of parameters: what JSON holds."""


class StrMap(dict[str, str]):
    """A map of texts, of which a Go template says "" for a key that it lacks, and not `<no value>`."""
