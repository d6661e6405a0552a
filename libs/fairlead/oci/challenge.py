"""What a registry asks for before it answers: a password, or a token that somebody else gives.

Invariant: a token is fetched over https unless the registry itself is plain http on the same host.
"""

import re
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from fairlead.oci.errors import OciAccessError

_SCHEME = re.compile(r"(?:^|,)\s*(basic|bearer)\b", re.I)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
MAX_HEADER = 8192


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """`scheme` is basic or bearer; the rest is where and for what a token is asked for."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""

    def address(self, registry: str, repository: str) -> str:
        """Where a token to read the repository is had, or with "" one that only says who we are.

        Raises:
            OciAccessError: that address may not be used by this registry.
        """
        parts = urlsplit(self.realm)
        own = urlsplit(registry)
        is_own = parts.scheme == own.scheme and parts.hostname == own.hostname
        if not parts.hostname or "@" in parts.netloc or not (parts.scheme == "https" or is_own):
            raise OciAccessError(
                f"{own.netloc} has its tokens fetched from where they are not: an https address is needed"
            )
        scope = self.scope or (f"repository:{repository}:pull" if repository else "")
        asked = {"service": self.service, "scope": scope}
        query = urlencode({name: value for name, value in asked.items() if value})
        return urlunsplit(
            parts._replace(query=f"{parts.query}&{query}" if parts.query else query, fragment="")
        )


def parse(headers: list[str]) -> Challenge | None:
    """The challenge of `WWW-Authenticate` headers that we can meet; a token is preferred. None for none."""
    found = [challenge for header in headers for challenge in _challenges(header[:MAX_HEADER])]
    return next(
        (challenge for challenge in found if challenge.scheme == "bearer"), found[0] if found else None
    )


def _challenges(header: str) -> list[Challenge]:
    """Each is from its scheme to the next one's, which may stand in no text in quotes."""
    unquoted = _QUOTED.sub(lambda text: "." * len(text[0]), header)
    starts = list(_SCHEME.finditer(unquoted))
    ends = [match.start() for match in starts[1:]] + [len(header)]
    return [
        _challenge(match[1].lower(), header[match.end() : end])
        for match, end in zip(starts, ends, strict=False)
    ]


def _challenge(scheme: str, text: str) -> Challenge:
    told = {
        match[1].lower(): match[2] if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(text)
    }
    return Challenge(
        scheme=scheme,
        realm=told.get("realm", ""),
        service=told.get("service", ""),
        scope=told.get("scope", ""),
    )
