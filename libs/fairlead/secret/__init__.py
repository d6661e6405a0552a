"""A text that must not be seen: it has to be asked for by name, and never prints itself.

The invariant: formatting, logging, comparing and pickling a secret reveal neither it nor its length.
"""

import hmac
from typing import NoReturn


class Secret:
    """A secret text. `reveal` is the only way to read it."""

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def matches(self, offered: str | bytes) -> bool:
        """Whether a text is the secret, in a time that tells nothing. An empty secret matches nothing, and
        what is no text, as a header's bytes may be, is none."""
        given = offered.encode(errors="surrogatepass") if isinstance(offered, str) else offered
        return bool(self._value) & hmac.compare_digest(self._value.encode(), given)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not serialised")
