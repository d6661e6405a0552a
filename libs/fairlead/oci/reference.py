"""Where an artifact is: a registry's host and a repository in it.

Invariant: what passed `Reference.parse` is a host and a path that nothing can be added to: no user, no query,
no way upwards.
"""

import re
from typing import Self

import msgspec

from fairlead.oci.errors import OciInvalidError

SCHEME = "oci://"
MAX_REPOSITORY = 255
"""Characters, as the distribution specification has it."""
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_DOCKER_HUB_API = "registry-1.docker.io"
_OFFICIAL = "library/"


class Reference(msgspec.Struct, frozen=True):
    """A repository in a registry. `host` may have a port."""

    host: str
    repository: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.host}/{self.repository}"

    @classmethod
    def parse(cls, text: str, chart: str = "") -> Self:
        """Of `oci://host/path` or `host/path`, with the name of a chart added at its end.

        Raises OciInvalidError.
        """
        host, path = _split(text)
        repository = "/".join(part.strip("/") for part in (path, chart) if part.strip("/"))
        if len(repository) > MAX_REPOSITORY or not _REPOSITORY.fullmatch(repository):
            raise OciInvalidError(
                f"{repository[:MAX_REPOSITORY]!r} is no repository of a registry: lower-case letters "
                "and digits, with . _ - between them"
            )
        if host in _DOCKER_HUB and "/" not in repository:
            repository = _OFFICIAL + repository
        return cls(host, repository)

    @property
    def name(self) -> str:
        """The last part of the path: with charts, the chart's name."""
        return self.repository.rpartition("/")[2]

    def address(self, *, force_http: bool) -> str:
        """Of the repository in the registry's interface."""
        return f"{_interface(self.host, force_http=force_http)}{self.repository}"


def interface_of(text: str, *, force_http: bool) -> str:
    """The address of a registry's interface, of an address with a repository or without one.

    Raises OciInvalidError.
    """
    return _interface(_split(text)[0], force_http=force_http)


def _interface(host: str, *, force_http: bool) -> str:
    api = _DOCKER_HUB_API if host in _DOCKER_HUB else host
    return f"{'http' if force_http else 'https'}://{api}/v2/"


def _split(text: str) -> tuple[str, str]:
    """Host and path. Raises OciInvalidError when there is no host, or something beside it."""
    bare = text.strip()
    bare = bare[len(SCHEME) :] if bare.lower().startswith(SCHEME) else bare
    host, _, path = bare.partition("/")
    if not _HOST.fullmatch(host):
        raise OciInvalidError("the address of a registry is oci://host/path, without a user in it")
    return host.lower(), path


def is_digest(text: str) -> bool:
    """Whether a revision names content, and not a tag that may move."""
    return _DIGEST.fullmatch(text) is not None


def checked_revision(text: str) -> str:
    """A tag or digest. Raises OciInvalidError for what is neither, and so leads nowhere."""
    if not is_digest(text) and not _TAG.fullmatch(text):
        raise OciInvalidError(f"{text[:200]!r} is neither a tag nor a digest")
    return text


def tag_of(version: str) -> str:
    """The tag of a chart's version: `+` may be in none, and is written `_`."""
    return version.replace("+", "_")


def version_of(tag: str) -> str:
    """The version that a tag means."""
    return tag.replace("_", "+")
