"""A rendered set as it lies in the cache under its digest."""

import hashlib

import msgspec

from fairlead.events.envelope import Event


class RenderedSet(Event, frozen=True, kw_only=True):
    """Documents of all sources in their order, each the canonical JSON of one object.

    As Git declares them: without tracking marks, and namespaces not yet filled in, as those depend on the
    cluster. The digest is of the documents alone, so equal manifests of different commits are one set.
    """

    documents: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the length-prefixed documents."""
        total = hashlib.sha256()
        for document in self.documents:
            total.update(len(document).to_bytes(8, "big"))
            total.update(document)
        return total.hexdigest()

    def objects(self) -> list[dict[str, object]]:
        """The documents, decoded."""
        decoder = msgspec.json.Decoder(dict[str, object])
        return [decoder.decode(document) for document in self.documents]
