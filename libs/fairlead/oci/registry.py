"""One repository of a registry: its tags, manifests and content, as the distribution specification has them.

Invariant: what is named by a digest has it, or is refused.
"""

import asyncio
import contextlib
import hashlib
import hmac
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import msgspec

from fairlead.archives.room import Share
from fairlead.git.credentials import Credential
from fairlead.oci import limits
from fairlead.oci.errors import OciContentError, OciInvalidError, told_of
from fairlead.oci.manifest import ACCEPTED, CONTENT, Descriptor, Manifest, read
from fairlead.oci.observer import EXTRACT, METADATA, RESOLVE, TAGS, TEST, Observer, observed
from fairlead.oci.reference import Reference, checked_revision, interface_of, is_digest
from fairlead.oci.session import Session
from fairlead.outbound import Answer, Outbound

ARCHIVE = 128 << 20
"""Bytes of a layer as it is sent."""
SHOWN = 200
"""Characters of a revision that are told."""
LARGE = 1 << 20
"""Bytes from which a digest is made off the event loop."""
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.I)
_DIGEST_HEADER = "Docker-Content-Digest"


class _Tags(msgspec.Struct):
    tags: list[str] | None = None


class Registry:
    """A repository that `reference` names, read with a credential. Errors are of OciError's tree.

    `observer` is told of what is asked.
    """

    def __init__(
        self,
        outbound: Outbound,
        reference: Reference,
        credential: Credential | None = None,
        *,
        observer: Observer | None = None,
    ) -> None:
        known = credential or Credential()
        self.reference = reference
        self._observer = observer
        self._address = reference.address(force_http=known.force_http)
        self._session = Session(outbound, self._address, reference.repository, known)

    async def tags(self) -> tuple[str, ...]:
        """All tags, in the registry's order."""
        with self._asking(TAGS):
            found: dict[str, None] = {}
            url, seen = f"{self._address}/tags/list?n={limits.TAGS_AT_ONCE}", set[str]()
            while url:
                seen.add(url)
                async with self._session.ask(url, limit=limits.LISTING) as answer:
                    found.update(dict.fromkeys(_tags(await answer.read())))
                    url = self._next(answer, url)
                if url in seen or len(seen) >= limits.PAGES or len(found) > limits.TAGS:
                    raise OciInvalidError(f"its list of tags has no end, or more than {limits.TAGS}")
            return tuple(found)

    async def digest_of(self, revision: str) -> str:
        """The digest that a tag has at this moment; a digest is its own."""
        if is_digest(revision):
            return revision
        with self._asking(RESOLVE, revision):
            url = f"{self._address}/manifests/{checked_revision(revision)}"
            async with self._session.ask(url, method="HEAD", accept=ACCEPTED, limit=0) as answer:
                told = answer.headers.get(_DIGEST_HEADER, "")
            if is_digest(told):
                return told
            return (await self._manifest_bytes(revision))[0]

    async def manifest(self, revision: str) -> Manifest:
        """What a tag or digest is made of."""
        with self._asking(METADATA, revision):
            digest, body, kind = await self._manifest_bytes(checked_revision(revision))
            found = read(body, digest, kind)
            if isinstance(found, Manifest):
                return found
            if not is_digest(found.digest):
                raise OciContentError("it is an index whose artifact has no digest")
            _, body, kind = await self._manifest_bytes(found.digest)
            inner = read(body, digest, kind)
            if isinstance(inner, Manifest):
                return inner
            raise OciContentError("it is an index of an index")

    async def content(
        self,
        manifest: Manifest,
        media_types: tuple[str, ...] = CONTENT,
        *,
        limit: int = ARCHIVE,
        share: Share | None = None,
    ) -> bytes:
        """The archive that is the artifact's content: of the one layer whose media type is among these.

        It is got once it finds room in `share`, which holds it for whoever asks.
        """
        with self._asking(EXTRACT, manifest.digest):
            layer = manifest.content(media_types)
            if share is not None:
                await share.take(min(layer.size, limit))
            return await self._blob(layer, min(limit, max(layer.size, 0)))

    async def blob(self, descriptor: Descriptor, *, limit: int = limits.MANIFEST) -> bytes:
        """What a descriptor names, such as a chart's configuration or a signature."""
        with self._asking(EXTRACT, descriptor.digest):
            return await self._blob(descriptor, limit)

    @contextlib.contextmanager
    def _asking(self, request: str, revision: str = "") -> Iterator[None]:
        """Ask inside: it is told how that ended, and its errors say what was asked for."""
        repo = str(self.reference)
        with (
            observed(self._observer, repo, request, revision[:SHOWN]),
            told_of(_named(self.reference, revision) if revision else repo),
        ):
            yield

    async def _blob(self, descriptor: Descriptor, limit: int) -> bytes:
        if not is_digest(descriptor.digest):
            raise OciContentError(f"a layer is named by {descriptor.digest[:100]!r}, which is no digest")
        if descriptor.size > limit:
            raise OciContentError(f"a layer has {descriptor.size} bytes, more than {limit}")
        url = f"{self._address}/blobs/{descriptor.digest}"
        async with self._session.ask(
            url, limit=limit, deadline=limits.CONTENT_SECONDS, decode=False
        ) as answer:
            body = await answer.read()
        await _check(descriptor.digest, body)
        return body

    async def _manifest_bytes(self, revision: str) -> tuple[str, bytes, str]:
        """Digest, bytes and media type."""
        url = f"{self._address}/manifests/{revision}"
        async with self._session.ask(url, accept=ACCEPTED, limit=limits.MANIFEST) as answer:
            body, told = await answer.read(), answer.headers.get(_DIGEST_HEADER, "")
        wanted = revision if is_digest(revision) else told
        if is_digest(wanted):
            await _check(wanted, body)
            return wanted, body, answer.content_type
        return f"sha256:{hashlib.sha256(body).hexdigest()}", body, answer.content_type

    def _next(self, answer: Answer, url: str) -> str:
        """The page that follows, "" after the last. Raises OciInvalidError when it is of another host."""
        for header in answer.headers.getall("Link", []):
            if found := _NEXT.search(header):
                following = urljoin(url, str(found[1]))
                if urlsplit(following)[:2] != urlsplit(self._address)[:2]:
                    raise OciInvalidError("its list of tags goes on at another host")
                return following
        return ""


async def ping(
    outbound: Outbound,
    text: str,
    credential: Credential | None = None,
    *,
    observer: Observer | None = None,
) -> None:
    """Ask a registry, at an address with or without a repository, whether it takes the credential.

    Raises OciError when it does not, or is not there.
    """
    known = credential or Credential()
    url = interface_of(text, force_http=known.force_http)
    with observed(observer, text, TEST), told_of(url.removesuffix("/v2/")):
        async with Session(outbound, url, "", known).ask(url, limit=limits.TOKEN):
            return


async def _check(digest: str, body: bytes) -> None:
    algorithm, _, wanted = digest.partition(":")
    if len(body) < LARGE:
        found = hashlib.new(algorithm, body).hexdigest()
    else:
        found = (await asyncio.to_thread(hashlib.new, algorithm, body)).hexdigest()
    if not hmac.compare_digest(found, wanted):
        raise OciContentError(f"the registry gave content of digest {algorithm}:{found} for {digest}")


def _tags(body: bytes) -> list[str]:
    try:
        return msgspec.json.decode(body, type=_Tags).tags or []
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OciInvalidError(f"its list of tags cannot be read: {error}") from error


def _named(reference: Reference, revision: str) -> str:
    return f"{reference}{'@' if is_digest(revision) else ':'}{revision[:SHOWN]}"
