"""Answers what is asked over the bus; what fails becomes words that a person reads on the application.

Invariant: no words hold a secret, and every refusal says which repository it is about.
"""

import structlog

from fairlead.bus import Handler, RemoteError
from fairlead.commit_server.counts import counted, unsigned
from fairlead.commit_server.gather import NotRenderedError
from fairlead.commit_server.hydrate import Hydrator
from fairlead.commit_server.signing import SigningError
from fairlead.events.envelope import decode, encode
from fairlead.git import GitError, GitInvalidError
from fairlead.hydration.errors import HydrationError
from fairlead.render.scripts import ScriptError
from fairlead.rpc.hydration import HEAD, HYDRATE, Hydrate, WriteBranch

log = structlog.get_logger(__name__)


class Answerer:
    """Questions by verb."""

    def __init__(self, hydrator: Hydrator) -> None:
        self._hydrator = hydrator

    def verbs(self) -> dict[str, Handler]:
        """Who answers which."""
        return {HEAD: self._head, HYDRATE: self._hydrate}

    async def _head(self, _: str, payload: bytes) -> bytes:
        asked = decode(WriteBranch, payload)
        try:
            return encode(await self._hydrator.head(asked))
        except Exception as error:
            raise _refusal(asked.repo_url, error) from error

    async def _hydrate(self, _: str, payload: bytes) -> bytes:
        asked = decode(Hydrate, payload)
        try:
            with counted(asked.repo_url):
                return encode(await self._hydrator.hydrate(asked))
        except Exception as error:
            raise _refusal(asked.repo_url, error) from error


def _refusal(url: str, error: Exception) -> Exception:
    match error:
        case SigningError():
            unsigned(url, error.reason)
            return RemoteError("FailedPrecondition", f"nothing is pushed that is not signed: {error}")
        case HydrationError():
            return RemoteError("InvalidArgument", str(error))
        case NotRenderedError():
            return RemoteError("NotFound", str(error))
        case GitInvalidError():
            return RemoteError("FailedPrecondition", str(error))
        case GitError() | ScriptError():
            return RemoteError("Unavailable", str(error))
    return error
