"""The identity of a repository: the same for every way to write its address.

The invariant: two addresses of one host and path have one identity, whatever the scheme, user, port or
suffix; so a webhook that names one finds applications that name another.
"""

import re
from urllib.parse import unquote, urlsplit

_SCP = re.compile(r"^(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^/:@\[\]]+):(?!//)(?P<path>.*)$")
_SSH_HOST = re.compile(r"^(?:alt)?ssh\.(?=[^.]+\.)")


def identity(url: str) -> str:
    """`host/path` in lower case, without scheme, user, port, `.git`, and slashes at its end.

    `git@host:path` is read as Git reads it. A local path is itself. Never raises; "" stays "".
    """
    text = url.strip()
    host, path = _split(text)
    path = unquote(path).strip("/").lower()
    path = path.removesuffix(".git").rstrip("/")
    host = _SSH_HOST.sub("", host.lower())
    return f"{host}/{path}" if host else path


def _split(text: str) -> tuple[str, str]:
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError:
            return "", text.partition("://")[2]
        return parts.hostname or "", parts.path
    scp = _SCP.match(text)
    return (scp["host"].strip("[]"), scp["path"]) if scp else ("", text)
