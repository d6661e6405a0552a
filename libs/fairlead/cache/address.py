"""Where Redis is: at an address, or wherever its sentinels say that the master is.

    redis://:password@host:6379/0
    rediss://user:password@host:6379/0?ssl_ca_certs=/ca.crt
    rediss+sentinel://user:password@one:26379,two:26379/0?master=argocd&sentinel_password=…&ssl_ca_certs=/ca.crt

Invariant: what is wrong with an address is said without its passwords.
"""

from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import msgspec

SENTINEL_PORT = 26379
MASTER = "master"
"""What the master is called unless said otherwise (contract 11.2)."""
_SENTINEL = "+sentinel"
_OF_SENTINELS = ("master", "sentinel_username", "sentinel_password")


class Sentinels(msgspec.Struct, frozen=True, kw_only=True):
    """Who knows the master called `master`, and `url`: how it is reached, with any host in it."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    url: str
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Sentinels({self.hosts}, {self.master!r})"


def sentinels_of(url: str) -> Sentinels | None:
    """The sentinels that an address names; None for that of a Redis itself. Raises ValueError."""
    scheme, _, _ = url.partition("://")
    if not scheme.endswith(_SENTINEL):
        return None
    parts = urlsplit(url)
    login, at, places = parts.netloc.rpartition("@")
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query = urlencode({name: value for name, value in given.items() if name not in _OF_SENTINELS})
    return Sentinels(
        hosts=tuple(_place(place) for place in places.split(",")),
        master=given.get("master") or MASTER,
        url=f"{scheme.removesuffix(_SENTINEL)}://{login}{at}master{parts.path}{'?' if query else ''}{query}",
        username=given.get("sentinel_username", ""),
        password=given.get("sentinel_password", ""),
    )


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What Argo CD's users say of their Redis (contract 11.2, 18); `server` counts without `sentinels`."""

    server: str = ""
    sentinels: str = ""
    master: str = MASTER
    database: str = "0"
    username: str = ""
    password: str = ""
    sentinel_username: str = ""
    sentinel_password: str = ""
    is_encrypted: bool = False
    authority: str = ""

    def __repr__(self) -> str:
        return f"Given({self.sentinels or self.server})"

    @property
    def url(self) -> str:
        """The address. Raises ValueError."""
        if not self.database.isdecimal():
            raise ValueError(f"Redis' database is a number, not {self.database!r}")
        query = {"ssl_ca_certs": self.authority} if self.is_encrypted and self.authority else {}
        scheme = "rediss" if self.is_encrypted else "redis"
        if self.sentinels:
            scheme += _SENTINEL
            query["master"] = self.master
            query |= {"sentinel_username": self.sentinel_username} if self.sentinel_username else {}
            query |= {"sentinel_password": self.sentinel_password} if self.sentinel_password else {}
        login = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"
        place = (self.sentinels or self.server).replace(" ", "")
        text = f"?{urlencode(query)}" if query else ""
        return f"{scheme}://{login if self.password else ''}{place}/{self.database}{text}"


def _place(text: str) -> tuple[str, int]:
    host, colon, port = text.strip().rpartition(":")
    if not colon or text.strip().endswith("]"):
        host, port = text.strip(), str(SENTINEL_PORT)
    host = unquote(host).strip("[]")
    if not host or not port.isdecimal():
        raise ValueError(f"a sentinel of Redis is host:port, not {text!r}")
    return host, int(port)
