"""Who is asked, played: renders and verdicts by application, and a list of what was asked."""

import re
from collections.abc import Sequence

import msgspec

from fairlead.events.after_build import AfterBuild
from fairlead.events.sources import RepositorySource, SignaturesDemanded, SourcesWanted
from fairlead.previews.errors import PreviewError
from fairlead.rpc.affected import AffectedApplication, AffectedApplications, Followers
from fairlead.rpc.foreseen import Foreseen, ForeseenObject
from fairlead.rpc.merging import MergedRevisions
from fairlead.rpc.repo import GeneratedManifests, RenderedSource

URL = "https://git.example/team/config.git"
TARGET, HEAD, BASE = "a" * 40, "b" * 40, "c" * 40
MERGE = f"merge:{TARGET}:{HEAD}"
Manifest = dict[str, object]
Rendered = list[Manifest] | PreviewError


def config_map(name: str = "settings", **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name: str, value: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"key": value}}


def merged(**fields: object) -> MergedRevisions:
    usual = MergedRevisions(target=TARGET, head=HEAD, base=BASE, branch="main", is_default=True, merge=MERGE)
    return msgspec.structs.replace(usual, **fields)


class Played:
    """`renders` has the manifests of an application by revision; what is not there is empty."""

    def __init__(self, merge: MergedRevisions | None = None) -> None:
        self.url = URL
        self.merged = merge or merged()
        self.applications: list[AffectedApplication] = []
        self.followers: list[Followers] = []
        self.renders: dict[tuple[str, str], Rendered] = {}
        self.tools: dict[str, str] = {}
        self.verdicts: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.owner = ""
        self.wishes: dict[str, SourcesWanted] = {}
        self.refusal: PreviewError | None = None
        self.rendered_for: list[tuple[str, tuple[str, ...], bool]] = []
        self.tried: list[str] = []

    def add(
        self,
        name: str,
        before: Rendered,
        after: Rendered,
        *,
        project: str = "default",
        revision: str = "HEAD",
        signatures: SignaturesDemanded | None = None,
        after_build: AfterBuild | None = None,
    ) -> None:
        told = AffectedApplication(namespace="argocd", name=name, target_revision=revision, project=project)
        self.applications.append(told)
        source = RepositorySource(
            repo_url=self.url, path=name, target_revision=revision, signatures=signatures
        )
        self.wishes[name] = SourcesWanted(
            namespace="argocd",
            name=name,
            instance=name,
            project=project,
            sources=(source,),
            after_build=after_build,
        )
        self.renders[name, self.merged.target] = self.renders[name, self.merged.base] = before
        for at in (self.merged.merge, self.merged.head):
            self.renders[name, at] = after

    async def wanted(self, namespace: str, name: str) -> SourcesWanted:
        assert namespace == "argocd"
        return self.wishes[name]

    async def merge(self, url: str, *, project: str, head: str, target: str) -> MergedRevisions:
        """A commit is itself, as far as it is named."""
        assert url == self.url
        is_commit = re.fullmatch("[0-9a-f]{12,40}", head) is not None
        return msgspec.structs.replace(self.merged, head=head.ljust(40, "0")) if is_commit else self.merged

    async def affected(self, url: str, *, old: str, new: str) -> AffectedApplications:
        self.compared = (old, new)
        return AffectedApplications(applications=tuple(self.applications), followers=tuple(self.followers))

    async def rendered(
        self, wanted: SourcesWanted, revisions: tuple[str, ...], *, of_strangers: bool = False
    ) -> tuple[GeneratedManifests, tuple[bytes, ...]]:
        self.rendered_for.append((wanted.name, revisions, of_strangers))
        found = self.renders.get((wanted.name, revisions[0]), [])
        if isinstance(found, PreviewError):
            raise found
        tool = self.tools.get(wanted.name, "Directory")
        sources = tuple(
            RenderedSource(revision=each or "d" * 40, source_type=tool, commit="d" * 40) for each in revisions
        )
        documents = tuple(msgspec.json.encode(obj) for obj in found)
        return GeneratedManifests(digest="", sources=sources), documents

    async def foreseen(
        self, wanted: SourcesWanted, manifests: Sequence[str], dropped: Sequence[str]
    ) -> Foreseen:
        self.tried += [*manifests, *dropped]
        if self.refusal is not None:
            raise self.refusal
        return Foreseen(items=tuple(self._verdict(text) for text in (*manifests, *dropped)))

    def _verdict(self, text: str) -> ForeseenObject:
        obj = msgspec.json.decode(text)
        name = obj["metadata"]["name"]
        return ForeseenObject(
            group="",
            kind=obj["kind"],
            namespace="work",
            name=name,
            verdict=self.verdicts.get(name, "changed"),
            words=self.words.get(name, ""),
            owner=self.owner,
        )
