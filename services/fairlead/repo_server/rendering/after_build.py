"""What is done to manifests after they are built: what is encrypted is read, variables are replaced.

Invariant: it is done with the very versions that the wish names, or not at all. A decrypted value stands in
the data of a Secret, which is masked wherever it is shown and sealed wherever it lies; no error has one in
its words.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from fairlead.events import AfterBuild, Lent, RepositoryCredentials
from fairlead.events.after_build import VARIABLES
from fairlead.manifest.substitute import SubstitutionError, Variables, substituted
from fairlead.render import ReadEntry, RenderInvalidError, RenderTransientError
from fairlead.sops import Identities, SopsError, decrypted, is_encrypted, with_files

log = structlog.get_logger(__name__)

REMEMBERED = 64
"""Sets of keys that are not read again."""
_MARKS = (b"ENC[", b"${", b'"Secret"')
"""What a document has that anything is done to; a file in a Secret's data is not seen from outside."""


class Finishing:
    """Finishes manifests. `lent` gives what is lent, at a version."""

    def __init__(self, lent: Callable[[Lent], RepositoryCredentials | None]) -> None:
        self._lent = lent
        self._identities: dict[tuple[Lent, ...], Identities] = {}

    async def finished(
        self, wanted: AfterBuild | None, documents: list[bytes], reads: Sequence[ReadEntry]
    ) -> list[bytes]:
        """The documents as they are to be.

        Raises:
            RenderInvalidError: something cannot be decrypted or has no value; it depends on `reads`.
            RenderTransientError: what is lent was not handed over yet.
        """
        if wanted is None:
            return documents
        if wanted.problem:
            raise RenderInvalidError(wanted.problem, reads=tuple(reads))
        if not any(mark in document for document in documents for mark in _MARKS):
            return documents
        identities = self._opening(wanted.keys)
        variables = self._variables(wanted) if wanted.substitutes else None
        try:
            return await asyncio.to_thread(
                lambda: [_finished(document, identities, variables) for document in documents]
            )
        except _DocumentError as error:
            raise RenderInvalidError(str(error), reads=tuple(reads)) from None

    def _opening(self, keys: tuple[Lent, ...]) -> Identities:
        if keys not in self._identities:
            files = {f"{one.entry}/{name}": text for one in keys for name, text in self._data(one).items()}
            made = Identities(files)
            for name, reason in made.unread.items():
                log.warning("decryption.key.refused", key=name, reason=reason)
            while len(self._identities) >= REMEMBERED:
                del self._identities[next(iter(self._identities))]
            self._identities[keys] = made
        return self._identities[keys]

    def _variables(self, wanted: AfterBuild) -> Variables:
        values: dict[str, str] = {}
        secret: set[str] = set()
        for one in wanted.variables:
            data = self._data(one)
            values |= data
            is_secret = self._entry(one).secret_type == VARIABLES
            secret = secret | data.keys() if is_secret else secret - data.keys()
        return Variables(values=values | wanted.own, secret=frozenset(secret - wanted.own.keys()))

    def _data(self, one: Lent) -> Mapping[str, str]:
        return self._entry(one).data

    def _entry(self, one: Lent) -> RepositoryCredentials:
        found = self._lent(one)
        if found is None:
            raise RenderTransientError(f"{one.entry} was not handed over yet")
        return found


class _DocumentError(Exception):
    """An object could not be finished; which, and why."""


def _finished(document: bytes, identities: Identities, variables: Variables | None) -> bytes:
    if not any(mark in document for mark in _MARKS):
        return document
    found = msgspec.json.decode(document)
    if not isinstance(found, dict):
        return document
    try:
        if identities and is_encrypted(found):
            found = decrypted(found, identities)
        elif identities and found.get("kind") == "Secret" and found.get("apiVersion") == "v1":
            found = with_files(found, identities)
        if variables is not None:
            found = substituted(found, variables)
    except (SopsError, SubstitutionError) as error:
        raise _DocumentError(f"{_named(found)}: {error}") from None
    return msgspec.json.encode(found, order="deterministic")


def _named(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else ""
    return f"{str(document.get('kind') or 'object')[:100]} {str(name or '')[:253]}"
