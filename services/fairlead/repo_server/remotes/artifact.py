"""An artifact in an OCI registry: tags are refs, digests are what they mean, and people are told the digest.

Of a chart that is named by a repository and its name, people are told the version, which is the tag.

A registry lists its tags by name alone, so what they mean is asked of those that somebody follows; where it
lists none, exact tags can be followed all the same. Invariant:
a tag means what a look found until the next look, and one that nobody asked about means nothing yet.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Iterable

from fairlead.archives import Limits
from fairlead.archives.room import ROOM
from fairlead.charts import choose, import_chart, is_exact
from fairlead.charts.errors import ChartVersionError
from fairlead.git import Credential, GitTransientError, MovedRef
from fairlead.git.advertised import Advertised
from fairlead.git.mirror import Snapshot
from fairlead.git.refs import Refs
from fairlead.git.revisions import Resolved
from fairlead.git.semver import parse_range, parse_version
from fairlead.git.urls import Address
from fairlead.oci import (
    HELM_CHART,
    OciInvalidError,
    OciNotFoundError,
    Reference,
    Registry,
    import_artifact,
    is_digest,
    tag_of,
    version_of,
)
from fairlead.repo_server import counts
from fairlead.repo_server.remotes.failures import looking, taking
from fairlead.repo_server.remotes.repository import Surroundings, client_of, opened_at
from fairlead.repo_server.remotes.versioned import ANY, Versioned, wanted_version
from fairlead.repo_server.remotes.versions import TAG, UNSEEN, VersionError, VersionMirror

ASKED_HOLDS = 600.0
"""Seconds for which a look asks about a revision that nobody follows, and somebody asked for."""
MAX_ASKED = 256
AT_ONCE = 8
"""Tags that are asked about at once."""
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class Artifact(Versioned):
    """A repository of a registry; `chart` is the name of the chart it is, where that was named."""

    def __init__(
        self,
        around: Surroundings,
        address: Address,
        project: str,
        mirror: VersionMirror,
        *,
        identity: str,
        reference: Reference,
        chart: str = "",
    ) -> None:
        super().__init__(around, address, project, mirror, identity=identity)
        self.mirror: VersionMirror = mirror
        self.reference = reference
        self.chart = chart
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._is_listed = False
        self._absent: set[str] = set()
        self._unlisted = ""
        self._preparing = asyncio.Lock()
        self._known: tuple[Credential, Registry] | None = None

    def is_pinned(self, revision: str) -> bool:
        return is_digest(revision)

    def may_follow(self, revision: str, ref: str) -> bool:
        tag = ref.removeprefix(TAG)
        if self.is_pinned(revision) or tag == ref:
            return False
        return tag == _tag(revision) or bool(_chosen((tag,), revision))

    def ref_of(self, revision: str, tag_prefix: str) -> str:
        del tag_prefix
        found = self._meant(self.mirror.refs, revision)
        return TAG + found if found else ""

    def lacks(self, revision: str) -> bool:
        if self.is_pinned(revision):
            return False
        self._note(revision)
        return not self._is_known(self.mirror.refs, revision)

    async def prepare(self, revision: str) -> None:
        """Ask what a revision means that no look asked about; it is as if the last one had."""
        async with self._preparing:
            if not self.lacks(revision):
                return
            registry = await self.registry()
            with looking():
                refs = await self._refs(registry, (revision,), dict(self.mirror.refs))
            await self.mirror.learn(refs)

    async def resolve(self, revision: str, *, tag_prefix: str = "", seen: Snapshot | None = None) -> Resolved:
        del tag_prefix
        await self.mirror.open()
        if self.is_pinned(revision):
            return await self._at(revision, revision, "")
        if self.lacks(revision) and (seen is None or not self._is_known(seen.refs, revision)):
            await self.prepare(revision)
            seen = None
        refs = self.refs_of(seen)
        tag = self._meant(refs, revision)
        if not tag:
            raise VersionError(self._nothing(refs, revision))
        return await self._at(refs[TAG + tag], tag, TAG + tag)

    async def holds(self, revision: str) -> bool:
        return await self.mirror.holds(self._content(revision, revision))

    async def annotations(self, revision: str) -> dict[str, str]:
        """What the publisher says of a tag or digest. Raises GitError."""
        if not self.is_pinned(revision):
            revision = (await self.resolve(revision)).revision
        registry = await self.registry()
        with taking():
            return (await registry.manifest(revision)).annotations

    async def advertised(self) -> Advertised:
        with looking():
            tags = await (await self.registry()).tags()
        return Advertised(refs={TAG + tag: UNSEEN for tag in tags})

    async def digest_of(self, resolved: Resolved) -> str:
        """The digest whose content a resolved revision's commit is.

        Raises:
            GitTransientError: the version was published anew since.
            GitError: as `resolve`.
        """
        tag = resolved.ref.removeprefix(TAG)
        digest = resolved.shown if is_digest(resolved.shown) else self.mirror.refs.get(resolved.ref, UNSEEN)
        if digest == UNSEEN or (await self._at(digest, tag, resolved.ref)).commit != resolved.commit:
            raise GitTransientError(f"{self.reference}: {tag} was published anew while it was looked at")
        return digest

    async def registry(self) -> Registry:
        """The registry, with the credentials of this moment; its token is used again. Raises GitError."""
        address = f"https://{self.reference.host}/{self.reference.repository}"
        credential = await opened_at(self._around, address, self.credential())
        if self._known is None or self._known[0] != credential:
            client = client_of(self._around)
            registry = Registry(client, self.reference, credential, observer=counts.asked_registry)
            self._known = credential, registry
        return self._known[1]

    async def _ask(self, list_first: bool) -> tuple[MovedRef, ...]:
        del list_first
        async with self._preparing:
            registry = await self.registry()
            self._is_listed = False
            self._absent.clear()
            self._unlisted = ""
            with looking():
                refs = await self._refs(registry, self._revisions(), {})
            return await self.mirror.arrive(refs)

    def _note(self, revision: str) -> None:
        self._asked.pop(revision, None)
        self._asked[revision] = time.monotonic()
        while len(self._asked) > MAX_ASKED:
            self._asked.popitem(last=False)

    def _revisions(self) -> tuple[str, ...]:
        """What is followed, and what was asked for lately."""
        now = time.monotonic()
        lately = (revision for revision, at in self._asked.items() if now - at < ASKED_HOLDS)
        asked = dict.fromkeys((*self._around.followed(self), *lately))
        return tuple(revision for revision in asked if not self.is_pinned(revision))

    async def _refs(self, registry: Registry, revisions: Iterable[str], refs: Refs) -> Refs:
        """What these revisions mean, beside what is known of others."""
        named = sorted({_tag(revision) for revision in revisions} - {""})
        for tag, digest in await self._digests(registry, named):
            if digest:
                refs[TAG + tag] = digest
            else:
                refs.pop(TAG + tag, None)
                self._absent.add(tag)
        ranges = [r for r in revisions if TAG + _tag(r) not in refs and _is_range(r)]
        if ranges:
            try:
                await self._listed(registry, ranges, refs)
            except OciInvalidError as error:
                self._unlisted = str(error)
        return refs

    async def _listed(self, registry: Registry, ranges: list[str], refs: Refs) -> None:
        """All tags, and what the highest of each range means."""
        for tag in await registry.tags():
            refs.setdefault(TAG + tag, UNSEEN)
        self._is_listed = True
        tags = {_chosen(_tags(refs), revision) for revision in ranges} - {""}
        unseen = [tag for tag in sorted(tags) if refs[TAG + tag] == UNSEEN]
        for tag, digest in await self._digests(registry, unseen):
            if digest:
                refs[TAG + tag] = digest

    async def _digests(self, registry: Registry, tags: list[str]) -> list[tuple[str, str]]:
        """The digest of each tag, "" where there is none."""
        places = asyncio.Semaphore(AT_ONCE)

        async def digest_of(tag: str) -> tuple[str, str]:
            async with places:
                try:
                    return tag, await registry.digest_of(tag)
                except OciNotFoundError:
                    return tag, ""

        return await asyncio.gather(*map(digest_of, tags))

    def _is_known(self, refs: Refs, revision: str) -> bool:
        """Whether what a look found says what a revision means."""
        tag = _tag(revision)
        if refs.get(TAG + tag, UNSEEN) != UNSEEN:
            return True
        if tag and tag not in self._absent:
            return False
        if not _is_range(revision):
            return True
        chosen = _chosen(_tags(refs), revision)
        if self._unlisted:
            return True
        return self._is_listed and (not chosen or refs[TAG + chosen] != UNSEEN)

    def _meant(self, refs: Refs, revision: str) -> str:
        """The tag that a revision means: itself first, else the highest in the range that it is, of all."""
        tag = _tag(revision)
        if tag and refs.get(TAG + tag, UNSEEN) != UNSEEN:
            return tag
        found = "" if self._unlisted else _chosen(_tags(refs), revision)
        return found if found and refs[TAG + found] != UNSEEN else ""

    def _nothing(self, refs: Refs, revision: str) -> str:
        if self._unlisted and _is_range(revision):
            return f"the tags of {self.reference} cannot be listed, as a range needs: {self._unlisted}"
        try:
            choose(map(version_of, _tags(refs)), wanted_version(revision))
        except ChartVersionError as error:
            return f"{self.reference}: {error}"
        return f"{self.reference}: there is no tag {revision!r}"

    def _content(self, digest: str, tag: str) -> str:
        return f"{tag}@{digest}" if self.chart else digest

    async def _at(self, digest: str, tag: str, ref: str) -> Resolved:
        commit = await self.mirror.commit_of(self._content(digest, tag), lambda: self._import(digest, tag))
        return Resolved(commit=commit, ref=ref, shown=version_of(tag) if self.chart else digest)

    async def _import(self, digest: str, tag: str) -> str:
        registry, settings = await self.registry(), self._around.settings()
        async with ROOM.share(self.reference.host) as share:
            with taking():
                manifest = await registry.manifest(digest)
                if not self.chart:
                    types = settings.oci_layer_media_types
                    archive = await registry.content(manifest, types, share=share)
                    limits = Limits(unpacked=settings.limits.oci_extracted)
                    return await import_artifact(self.mirror.path, archive, manifest, limits)
                archive = await registry.content(manifest, (HELM_CHART,), share=share)
                return await import_chart(
                    self.mirror.path,
                    archive,
                    name=self.chart,
                    version="" if is_digest(tag) else version_of(tag),
                    limits=Limits(unpacked=settings.limits.helm_extracted),
                )


def _tag(revision: str) -> str:
    """The tag that a revision may be, "" when it can be none."""
    tag = tag_of(revision)
    return tag if revision != "HEAD" and _TAG.fullmatch(tag) else ""


def _tags(refs: Refs) -> list[str]:
    return [ref.removeprefix(TAG) for ref in refs]


def _is_range(revision: str) -> bool:
    """Whether the revision may mean one of several versions."""
    wanted = wanted_version(revision)
    if parse_version(wanted) is not None:
        return not is_exact(wanted)
    return wanted == ANY or parse_range(wanted) is not None


def _chosen(tags: Iterable[str], revision: str) -> str:
    if not _is_range(revision):
        return ""
    try:
        return tag_of(choose(map(version_of, tags), wanted_version(revision)))
    except ChartVersionError:
        return ""
