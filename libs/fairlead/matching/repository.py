"""The identity of a repository: the same for every way to write its address.

The invariant: two addresses of one host and path have one identity, whatever the scheme, user, port or
suffix; so a webhook that names one finds applications that name another.
"""

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from fairlead.events import subjects

_SCP = re.compile(r"^(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^/:@\[\]]+):(?!//)(?P<path>.*)$")
_REGISTRY = re.compile(
    r"^(?P<host>localhost(?=[:/])|[a-z0-9][a-z0-9.-]*(?=:\d)|[a-z0-9][a-z0-9-]*\.[a-z0-9.-]*[a-z0-9])"
    r"(?::\d{1,5})?(?:/(?P<path>.*))?$",
    re.IGNORECASE | re.DOTALL,
)
"""A registry's address without a scheme: its host has a dot or a port, or is this machine."""
_SSH_HOST = re.compile(r"^(?:alt)?ssh\.(?=[^.]+\.)")


def identity(url: str) -> str:
    """`host/path` in lower case, without scheme, user, port, `.git`, and slashes at its end.

    `git@host:path` is read as Git reads it, and `host:5000/path` without a user as registries are written. A
    local path is itself. Never raises; "" stays "".
    """
    text = url.strip()
    host, path = _split(text)
    path = unquote(path).strip("/").lower()
    path = path.removesuffix(".git").rstrip("/")
    host = _SSH_HOST.sub("", host.lower())
    return f"{host}/{path}" if host else path


def identity_of_source(url: str, chart: str = "") -> str:
    """What a source follows: the repository, or one chart of it, as if that were one.

    Thus a chart in a registry is the artifact that it is, however the two are written.
    """
    found = identity(url)
    return f"{found.rstrip('/')}/{chart.strip('/').lower()}" if chart else found


def is_artifact(url: str) -> bool:
    """Whether an address is that of an artifact in an OCI registry."""
    return url.strip().lower().startswith("oci://")


def partition(url: str) -> str:
    """The part of all repositories that the one at this address falls into."""
    return subjects.partition(identity(url))


@lru_cache(maxsize=4096)
def token(url: str) -> str:
    """The token of the repository at an address, for subjects and keys."""
    return subjects.repository_token(identity(url))


def _split(text: str) -> tuple[str, str]:
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError:
            return "", text.partition("://")[2]
        return parts.hostname or "", parts.path
    registry = _REGISTRY.match(text)
    if registry:
        return registry["host"], registry["path"] or ""
    scp = _SCP.match(text)
    return (scp["host"].strip("[]"), scp["path"]) if scp else ("", text)


def normalized_url(url: str) -> str:
    """An address as project rules compare it: lower case, no `.git` at the end, the scp form as `ssh://`.

    Unlike `identity` it keeps scheme, user and port, which a rule may be about; globs pass through.
    """
    text = url.strip().lower()
    scp = _SCP.match(text) if "://" not in text and "@" in text else None
    if scp:
        user = text.partition("@")[0]
        text = f"ssh://{user}@{scp['host']}/{scp['path'].lstrip('/')}"
    return text.rstrip("/").removesuffix(".git")


_PASSWORD = re.compile(r"(?P<head>//[^/@:?#]*):[^/?#]*@")
_USER_ALONE = re.compile(r"^(?P<scheme>https?:)//[^/@:?#]*@", re.IGNORECASE)
_MISSPELT = re.compile(r"^(?P<scheme>[^/:]*:)//[^/@:?#]*:(?!\d*[/?#])[^@/?#]*[/?#].*@")
"""A password with a character that ends a host: the address is wrong, and the password still one."""


def without_password(url: str) -> str:
    """An address as it may be shown: no password, and over HTTP no user, who may be a token."""
    text = _MISSPELT.sub(r"\g<scheme>//", url.strip())
    return _USER_ALONE.sub(r"\g<scheme>//", _PASSWORD.sub(r"\g<head>@", text))


def declared_url(url: str) -> str:
    """An address as declared repositories are told apart (contract 12.3): the whole of it in lower case, one
    `.git` less, the scp form as `ssh://`. A slash at the end, the port and the user count."""
    text = url.strip().lower().removesuffix(".git")
    scp = _SCP.match(text) if "://" not in text and "@" in text else None
    if scp:
        text = f"ssh://{text.partition('@')[0]}@{scp['host']}/{scp['path']}"
    return text


def is_beneath(url: str, template: str) -> bool:
    """Whether a credential template is for an address: a prefix of it (contract 12.4), and never one that
    ends within the host's name."""
    wanted, start = declared_url(url), declared_url(template)
    return wanted.startswith(start) and (not _split(start)[0] or _split(start)[0] == _split(wanted)[0])
