"""Answers that are put together of parts which are kept in both forms, JSON and protobuf.

Invariant: an Application is encoded once per version and form, however many ask for it and in however many
lists; a list is a concatenation of what is there.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Sequence

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.wire.encode import delimited, encode, tag_of

V1ALPHA1 = "github.com.argoproj.argo_cd.v3.pkg.apis.application.v1alpha1"
LIST = f"{V1ALPHA1}.ApplicationList"
EVENT = f"{V1ALPHA1}.ApplicationWatchEvent"
LIST_META = "k8s.io.apimachinery.pkg.apis.meta.v1.ListMeta"


SMALL = 64 << 10
"""Bytes of JSON up to which protobuf is made of it at once, in about 5 ms."""


class Encoded(ABC):
    """An answer that has its forms."""

    def __init__(self, *documents: ApplicationDocument) -> None:
        self._documents = documents

    @property
    def is_ready(self) -> bool:
        """Whether protobuf is at hand, or soon made."""
        return sum(len(one.json) for one in self._documents if not one.is_encoded) <= SMALL

    @abstractmethod
    def json(self) -> bytes:
        """As REST carries it."""

    @abstractmethod
    def proto(self) -> bytes:
        """As gRPC carries it."""


class ApplicationAnswer(Encoded):
    """One Application."""

    def __init__(self, document: ApplicationDocument) -> None:
        super().__init__(document)
        self._document = document

    def json(self) -> bytes:
        """The document's own."""
        return self._document.json

    def proto(self) -> bytes:
        """The document's own."""
        return self._document.proto


class ApplicationListAnswer(Encoded):
    """Applications in their order, at a version of the list."""

    def __init__(self, version: str, documents: Sequence[ApplicationDocument]) -> None:
        super().__init__(*documents)
        self._metadata = {"resourceVersion": version}

    def json(self) -> bytes:
        """ApplicationList."""
        items = b",".join(document.json for document in self._documents)
        return b'{"metadata":' + msgspec.json.encode(self._metadata) + b',"items":[' + items + b"]}"

    def proto(self) -> bytes:
        """ApplicationList."""
        tag = tag_of(LIST, "items")
        items = b"".join(delimited(tag, document.proto) for document in self._documents)
        return delimited(tag_of(LIST, "metadata"), encode(LIST_META, self._metadata)) + items


class ApplicationEvent(Encoded):
    """One event of a watch: `kind` is ADDED, MODIFIED or DELETED."""

    def __init__(self, kind: str, document: ApplicationDocument) -> None:
        super().__init__(document)
        self._kind = kind
        self._document = document

    def json(self) -> bytes:
        """ApplicationWatchEvent."""
        return b'{"type":"%b","application":%b}' % (self._kind.encode(), self._document.json)

    def proto(self) -> bytes:
        """ApplicationWatchEvent."""
        kind = delimited(tag_of(EVENT, "type"), self._kind.encode())
        return kind + delimited(tag_of(EVENT, "application"), self._document.proto)


class ApplicationEvents:
    """Events that are told together; each form of them is made once, however many are told."""

    def __init__(self, events: Sequence[ApplicationEvent]) -> None:
        self._events = tuple(events)
        self._forms: dict[Hashable, bytes] = {}

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[ApplicationEvent]:
        return iter(self._events)

    def form(self, name: Hashable, make: Callable[[ApplicationEvent], bytes]) -> bytes:
        """All of them in the form of a name, each as `make` makes it."""
        found = self._forms.get(name)
        if found is None:
            found = self._forms[name] = b"".join(make(event) for event in self._events)
        return found

    async def form_beside(self, name: Hashable, make: Callable[[ApplicationEvent], bytes]) -> bytes:
        """The same, in a thread when it takes long."""
        is_ready = name in self._forms or all(event.is_ready for event in self._events)
        return self.form(name, make) if is_ready else await asyncio.to_thread(self.form, name, make)


class Tagged(msgspec.Struct, frozen=True):
    """An answer that its client may keep: JSON, and the tag by which it asks whether that is the same."""

    json: bytes
    tag: str


def json_of(answer: object) -> bytes:
    """Any answer as JSON."""
    return answer.json() if isinstance(answer, Encoded) else msgspec.json.encode(answer)
