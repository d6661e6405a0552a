"""Addresses of a chart repository: of its index, and of archives that the index names.

The rules are Helm's: a relative address is beneath the repository's, whose query it takes over.
"""

from urllib.parse import urljoin, urlsplit

from fairlead.charts.errors import ChartContentError

INDEX = "index.yaml"
OCI = "oci://"
_PORTS = {"http": 80, "https": 443}


def index_address(repository: str) -> str:
    """Where a repository's index is."""
    parts = urlsplit(repository)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{INDEX}", fragment="").geturl()


def archive_address(repository: str, named: str) -> str:
    """What an index means by the address of an archive. Raises ChartContentError for what is none."""
    if not named.strip() or any(ord(character) < 32 for character in named):
        raise ChartContentError("the index names no address for it")
    parts = urlsplit(repository)
    try:
        found = urlsplit(named)
        if found.scheme or found.netloc:
            return urljoin(repository, named)
        base = parts._replace(path=f"{parts.path.rstrip('/')}/", query="", fragment="").geturl()
        return urlsplit(urljoin(base, named))._replace(query=found.query or parts.query).geturl()
    except ValueError:
        raise ChartContentError("the index names an address that is misspelt") from None


def is_same_server(one: str, other: str) -> bool:
    """Whether two addresses have one scheme, host and port: what one is told the other may be told."""
    return _server(one) == _server(other)


def _server(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        port = -1
    return scheme, (parts.hostname or "").lower(), port or _PORTS.get(scheme)
