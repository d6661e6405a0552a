"""The session cookie, cut into pieces when a token is longer than a browser keeps (contract 13.1).

The invariant: joining the cookies that `cut` makes gives the token back, whatever order they arrive in.
"""

from collections.abc import Mapping

NAME = "argocd.token"
MAX_COOKIE_BYTES = 4093
"""Of one cookie, attributes included."""
MAX_COOKIES = 20
LONGEST_COUNT = len(f"{MAX_COOKIES}:")


class CookieTooLongError(ValueError):
    """The token does not fit the number of cookies a browser keeps."""


def attributes(*, path: str, secure: bool) -> str:
    """The attributes of a session cookie; `path` is the root path without slashes around it."""
    return f"path=/{path}; SameSite=lax; httpOnly" + ("; Secure" if secure else "")


def cut(token: str, *, path: str, secure: bool) -> list[str]:
    """The values of the Set-Cookie headers for a token. Raises CookieTooLongError."""
    suffix = "; " + attributes(path=path, secure=secure)
    room = MAX_COOKIE_BYTES - len(suffix) - len(f"{NAME}-{MAX_COOKIES}=") - LONGEST_COUNT
    parts = [token[start : start + room] for start in range(0, len(token), room)] or [""]
    if len(parts) > MAX_COOKIES:
        raise CookieTooLongError(f"the token needs more than {MAX_COOKIES} cookies")
    if len(parts) > 1:
        parts[0] = f"{len(parts)}:{parts[0]}"
    return [f"{_name(index)}={part}{suffix}" for index, part in enumerate(parts)]


def joined(cookies: Mapping[str, str]) -> str:
    """The token of a request's cookies; "" when there is none or a piece is missing."""
    first = cookies.get(NAME, "")
    count, colon, head = first.partition(":")
    if not colon or not count.isdecimal():
        return first
    pieces = [head, *(cookies.get(_name(index), "") for index in range(1, min(int(count), MAX_COOKIES)))]
    return "".join(pieces) if all(pieces) else ""


def expired(cookies: Mapping[str, str], *, path: str, secure: bool) -> list[str]:
    """The Set-Cookie values that make a browser forget the session cookies it sent."""
    suffix = attributes(path=path, secure=secure) + "; Max-Age=0"
    return [f"{name}=; {suffix}" for name in cookies if name == NAME or name.startswith(f"{NAME}-")]


def _name(index: int) -> str:
    return NAME if index == 0 else f"{NAME}-{index}"
