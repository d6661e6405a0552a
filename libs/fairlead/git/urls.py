"""Addresses of repositories: which are allowed, which are the same, what they hide.

Invariant: an address that passed `parse` holds no control character, no user information but SSH's name of a
user, and no scheme beyond those allowed, so it can be an argument of `git` and a part of a message.
"""

import functools
import hashlib
import re
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from fairlead.git.errors import UrlRefusedError

SCHEMES = frozenset({"http", "https"})
MAX_URL = 2048
"""Characters an address may have."""
MARK_ROUNDS = 20_000
"""Rounds of hashing an inline password, about 10 ms."""

SSH_PORT = 22

_USER, _PLACE = r"(?P<user>\w[\w.+-]*)", r"(?P<host>[\w.-]+|\[[0-9a-f:.]+\])"
_SCP = re.compile(rf"^{_USER}@{_PLACE}:(?P<path>(?!//).+)$", re.I | re.A)
_SSH = re.compile(rf"^ssh://{_USER}@{_PLACE}(:(?P<port>\d{{0,5}}))?(?P<path>/.+)$", re.I | re.A)
_HOST = re.compile(r"^([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*[0-9a-f:])$", re.I | re.A)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]|%0[0ad]|%7f", re.I)


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A repository's address; `url` has no user information, which is in `username` and `password`."""

    url: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Address({self.url})"


class SshTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where an address over SSH leads. `path` is as the server is told it: that of `user@host:path` is
    relative to the user's home, that of `ssh://user@host/path` is not."""

    user: str
    host: str
    port: int
    path: str


def is_ssh(url: str) -> bool:
    """Whether an address is one over SSH, well spelt or not."""
    text = url.strip()
    return text[:6].lower() == "ssh://" or ("://" not in text and _SCP.match(text) is not None)


def ssh_target(url: str) -> SshTarget:
    """Read an address over SSH as git reads it. Raises UrlRefusedError when it is misspelt."""
    text = url.strip()
    found = _SSH.match(text) if "://" in text else _SCP.match(text)
    if found is None:
        raise UrlRefusedError(
            f"{_plain(text)}: write an address over SSH as ssh://user@host:port/path or user@host:path, "
            "without a password"
        )
    host, port = found["host"].strip("[]").lower(), int(found.groupdict().get("port") or SSH_PORT)
    path = _told_path(unquote(found["path"])) if "://" in text else found["path"]
    if path.startswith("-") or not path.isprintable() or not 0 < port < 1 << 16:
        raise UrlRefusedError(f"{_plain(text)}: the path or the port is none that an SSH server has")
    if not _HOST.match(host):
        raise UrlRefusedError(f"{_plain(text)}: write the host as name servers know it")
    return SshTarget(user=found["user"], host=host, port=port, path=path)


def _told_path(path: str) -> str:
    """Git leaves out the slash before somebody's home."""
    return path.removeprefix("/") if path.startswith("/~") else path


def parse(url: str, *, allow_files: bool = False) -> Address:
    """Check an address and take its user information out.

    Raises:
        UrlRefusedError: a scheme other than http, https, ssh (`file` with `allow_files`), or bad characters.
    """
    text = url.strip()
    if not text or len(text) > MAX_URL or _FORBIDDEN.search(text) or text.startswith("-"):
        raise UrlRefusedError("the repository's address is empty, too long or has characters that no URL has")
    if is_ssh(text):
        ssh_target(text)
        return Address(url=text)
    parts = _split(text)
    allowed = SCHEMES | {"file"} if allow_files else SCHEMES
    if parts.scheme.lower() not in allowed:
        what = parts.scheme or "such"
        raise UrlRefusedError(f"{_plain(text)}: {what} addresses are not supported; use https or ssh")
    if parts.scheme != "file":
        _check_host(text, parts)
    netloc = parts.netloc.rpartition("@")[2]
    return Address(
        url=parts._replace(netloc=netloc, fragment="").geturl(),
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _check_host(text: str, parts: SplitResult) -> None:
    """A host is spelled as git will look it up: another spelling could lead past the check of its address."""
    host = parts.hostname or ""
    if not host:
        raise UrlRefusedError(f"{_plain(text)}: the address names no host")
    if not _HOST.match(host):
        raise UrlRefusedError(
            f"{_plain(text)}: write the host as name servers know it, such as git.example.com"
        )


def normalise(url: str) -> str:
    """The form in which Secrets and Applications are compared (contract 12.3)."""
    text = url.strip().lower().removesuffix(".git")
    scp = _SCP.match(text)
    return f"ssh://{scp['user']}@{scp['host']}/{scp['path']}" if scp and "://" not in text else text


def mirror_name(url: str, scope: str, inline: str = "") -> str:
    """Name of the mirror's directory; `scope` is the project whose own credentials are used, or "".

    `inline` is the `inline_mark` of credentials that came with the address and are used, or "".
    """
    text = f"{normalise(url)}\x00{scope}" + (f"\x00{inline}" if inline else "")
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.lru_cache(maxsize=1024)
def inline_mark(address: Address) -> str:
    """Tells credentials inside addresses apart, and is too slow to guess them by; "" without a password."""
    if not address.password:
        return ""
    secret = f"{address.username}\x00{address.password}".encode()
    return hashlib.pbkdf2_hmac("sha256", secret, normalise(address.url).encode(), MARK_ROUNDS).hex()


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        what = "the port is no number, or a password has a / ? or # that is not escaped"
        raise UrlRefusedError(f"{_plain(text)}: {error if '@' not in text else what}") from None
    return parts


def _plain(text: str) -> str:
    """Without what may be a password; of an address that is wrong anything up to an @ may be."""
    return re.sub(r"//[^/@]*@|//[^/@:]*:(?!\d*[/?#]).*@", "//", text)[:200]
