"""What this library needs from the network."""

from collections.abc import Mapping
from typing import Protocol


class ProviderError(Exception):
    """The provider could not be asked, or did not answer as one; the words may be shown to anybody."""


class Fetch(Protocol):
    """Asks a provider. Answers are bounded in size and time. Raises ProviderError unless one is a success."""

    async def get(self, url: str, *, bearer: str = "") -> bytes:
        """The body of an answer."""

    async def post(self, url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> bytes:
        """The body of an answer to a form."""
