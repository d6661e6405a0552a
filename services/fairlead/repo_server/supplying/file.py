"""Files at addresses: value files (contract 7.2, `helm.valuesFileSchemes`), and what kustomizations name.

Invariant: only what the settings name is fetched, from networks that may be reached; nothing is sent along
but the user and password in the address itself.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from fairlead.archives import ArchiveError, import_blob
from fairlead.cache import SingleFlight
from fairlead.matching.repository import without_password
from fairlead.outbound import Outbound, OutboundError, OutboundTransientError
from fairlead.render import RenderInvalidError, RenderTransientError, Want
from fairlead.repo_server.supplying.address import apart
from fairlead.repo_server.supplying.provider import Asker, Obtained
from fairlead.repo_server.supplying.shelf import Shelves

LARGEST = 8 << 20
"""Bytes of a value file."""
HOLDS = 30.0
"""Seconds for which a file that was fetched is not fetched again, so that a commit that many applications
read costs one look."""
REMEMBERED = 1024
"""Files that were fetched within that time."""
_FETCHED = frozenset({"http", "https"})


class _Held(msgspec.Struct, frozen=True):
    at: float
    obtained: Obtained


class FileProvider:
    """Fetches files, called `what`; `schemes` are those that the settings allow now."""

    def __init__(
        self,
        outbound: Outbound,
        shelves: Shelves,
        schemes: Callable[[], tuple[str, ...]],
        what: str = "value file",
    ) -> None:
        self._outbound = outbound
        self._what = what
        self._shelves = shelves
        self._schemes = schemes
        self._flights: SingleFlight[Obtained] = SingleFlight()
        self._held: OrderedDict[str, _Held] = OrderedDict()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """The file as a blob. It may be another tomorrow."""
        scheme = want.url.partition(":")[0].lower()
        if scheme not in {allowed.lower() for allowed in self._schemes()}:
            raise RenderInvalidError(f"the URL scheme '{scheme}' is not allowed", code="remote")
        if scheme not in _FETCHED:
            raise RenderInvalidError(
                f"a {self._what} cannot be fetched by the URL scheme '{scheme}'", code="remote"
            )
        held = self._held.get(want.url)
        if held is not None and time.monotonic() - held.at < HOLDS and not asker.fresh:
            return held.obtained
        return await self._flights.run(want.url, lambda: self._fetched(want.url))

    async def _fetched(self, url: str) -> Obtained:
        shown = without_password(url)
        try:
            plain, credential = apart(url)
            async with self._outbound.get(plain, credential=credential, limit=LARGEST) as answer:
                content = await answer.read()
            shelf = self._shelves.of("file", urlsplit(plain).netloc, "")
            blob = await import_blob(shelf, content)
        except OutboundTransientError as error:
            raise RenderTransientError(f"{self._what} {shown}: {error}", code="remote") from error
        except OutboundError as error:
            raise RenderInvalidError(f"{self._what} {shown}: {error}", code="remote") from error
        except ArchiveError as error:
            raise RenderTransientError(f"{self._what} {shown}: {error}") from error
        except ValueError as error:
            raise RenderInvalidError(
                f"{self._what} {shown}: the address is misspelt", code="remote"
            ) from error
        obtained = Obtained(mirror=shelf, object=blob, settled=False)
        self._held[url] = _Held(time.monotonic(), obtained)
        self._held.move_to_end(url)
        while len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
        return obtained
