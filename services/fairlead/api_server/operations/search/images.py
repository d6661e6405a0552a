"""Images in use: of one application, and where else one runs.

The invariant: an application is named and counted for who may see it; what runs is what its status says.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import msgspec

from fairlead.api_server.documents import ApplicationDocument, untagged
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.search.asked import LIMIT, MAX_LIMIT, MAX_OFFSET, MAX_TEXT
from fairlead.api_server.operations.search.row import RowDestination, key_of
from fairlead.api_server.operations.search.visible import visible

MAX_TAGS = 200
"""Tags and digests of an image that are counted, the most frequent."""


def _told(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class ImagesQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Whose images."""

    application: Annotated[str, _told("the name of the application")]
    app_namespace: Annotated[str, _told("the namespace that it is in")] = ""
    project: Annotated[str, _told("its project")] = ""


class ImageInUse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One image; `others` of the applications run the very same, `otherTags` another tag or digest of it."""

    image: str
    name: str
    others: int
    other_tags: int


class ImagesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The images that an application runs, in order."""

    items: tuple[ImageInUse, ...]


class ImageQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Where an image runs."""

    image: Annotated[str, _told("an image, whole or without tag and digest")]
    offset: Annotated[int, _told("applications that are left out before the first")] = 0
    limit: Annotated[int, _told(f"applications of a page, at most {MAX_LIMIT}")] = LIMIT


class RunningApplication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An application, and which of its images are the one that was asked for."""

    key: str
    name: str
    namespace: str
    project: str
    destination: RowDestination
    images: tuple[str, ...]
    sync: str = ""
    health: str = ""


class ImagePage(msgspec.Struct, frozen=True, kw_only=True):
    """`total` applications run it; `items` are those from `offset` on, by name. `tags` says how many run each
    tag or digest of it."""

    total: int
    offset: int
    limit: int
    items: tuple[RunningApplication, ...]
    tags: dict[str, int]


async def of_application(backend: Backend, caller: Caller, query: ImagesQuery) -> msgspec.Struct:
    """ImagesAnswer."""
    document = lookup.find(
        backend, caller, query.application, namespace=query.app_namespace, project=query.project
    )
    seen = list(backend.mirrors.index.documents(visible(backend, caller)))
    return ImagesAnswer(items=await asyncio.to_thread(_in_use, document, seen))


def _in_use(document: ApplicationDocument, seen: Sequence[ApplicationDocument]) -> tuple[ImageInUse, ...]:
    """Its images and how many of those that are seen run them too; for a thread, as it looks at all."""
    others = Counter(image for one in seen if one.key != document.key for image in one.known_images)
    found = []
    for image in document.images:
        name, same = untagged(image), others[image]
        more = others[name] - same if name != image else 0
        found.append(ImageInUse(image=image, name=name, others=same, other_tags=max(0, more)))
    return tuple(found)


async def running(backend: Backend, caller: Caller, query: ImageQuery) -> msgspec.Struct:
    """ImagePage."""
    if not query.image or len(query.image) > MAX_TEXT:
        raise RefusalError(Code.INVALID_ARGUMENT, f"image is not of 1 to {MAX_TEXT} characters")
    if not 0 <= query.limit <= MAX_LIMIT or not 0 <= query.offset <= MAX_OFFSET:
        raise RefusalError(Code.INVALID_ARGUMENT, f"limit is not from 0 to {MAX_LIMIT}, or offset is off")
    index = backend.mirrors.index
    found = index.where(lambda one: query.image in one.known_images, visible(backend, caller))
    page = index.page("name", found, offset=query.offset, limit=query.limit)
    tags = Counter(image for one in index.documents(found) for image in _meant(one, query.image))
    return ImagePage(
        total=found.bit_count(),
        offset=query.offset,
        limit=query.limit,
        items=tuple(_row(one, query.image) for one in page),
        tags=dict(tags.most_common(MAX_TAGS)),
    )


class _Spec(msgspec.Struct, frozen=True):
    destination: RowDestination = RowDestination()


class _Application(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()


_APPLICATION = msgspec.json.Decoder(_Application)


def _destination_of(document: ApplicationDocument) -> RowDestination:
    return _APPLICATION.decode(document.json).spec.destination


def _meant(document: ApplicationDocument, image: str) -> tuple[str, ...]:
    return tuple(each for each in document.images if image in (each, untagged(each)))


def _row(document: ApplicationDocument, image: str) -> RunningApplication:
    return RunningApplication(
        key=key_of(document),
        name=document.name,
        namespace=document.namespace,
        project=document.project,
        destination=_destination_of(document),
        images=_meant(document, image),
        sync=document.sync_status,
        health=document.health,
    )
