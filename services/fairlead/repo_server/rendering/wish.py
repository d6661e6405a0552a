"""One source of a wish as a request to the render engine, and the names it goes by.

Invariant: two sources with one name and equal readings give equal manifests.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fairlead.events import Capabilities, RenderSettings, RepositorySource, SourcesWanted
from fairlead.git.revisions import Resolved
from fairlead.matching.repository import is_artifact, without_password
from fairlead.render import RefSource, RenderRequest, build_environment
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.supplying.provider import REF, Asker, Origin


class InvalidWishError(Exception):
    """The sources contradict each other or ask for what cannot be rendered here."""


def renders(source: RepositorySource) -> bool:
    """Whether a source yields manifests; one that is only a `ref` does not."""
    return bool(source.path or source.chart or not source.ref or is_artifact(source.repo_url))


def check(wish: SourcesWanted) -> None:
    """Refuse contradictions. Raises InvalidWishError."""
    if not wish.sources:
        raise InvalidWishError("application has no source")
    refs = [source.ref for source in wish.sources if source.ref]
    if len(refs) != len(set(refs)):
        raise InvalidWishError("invalid sources: multiple sources had the same `ref` key")
    for source in wish.sources:
        if not source.repo_url:
            raise InvalidWishError("spec.source.repoURL is required")
        if source.chart and source.ref:
            url = without_password(source.repo_url)
            raise InvalidWishError(
                f"spec.source.chart: a ref source may not be a chart ({source.chart} of {url})"
            )
        if source.chart and not source.target_revision:
            raise InvalidWishError(
                "spec.source.targetRevision is required if the manifest source is a helm chart"
            )


def used_refs(wish: SourcesWanted, options: Mapping[str, object]) -> list[int]:
    """Places of the sources whose files these options may name as `$ref/…`."""
    helm = options.get("helm")
    text = msgspec.json.encode(helm).decode() if helm else ""
    return [place for place, other in enumerate(wish.sources) if other.ref and f"${other.ref}/" in text]


def request_of(
    wish: SourcesWanted,
    source: RepositorySource,
    repository: Repository,
    resolved: Resolved,
    refs: dict[str, RefSource],
    *,
    serving: Capabilities,
    settings: RenderSettings = RenderSettings(),  # noqa: B008 - frozen
) -> RenderRequest:
    """What the engine is asked."""
    mirror = repository.mirror.path.absolute()
    request = request_at(wish, source, mirror, resolved, refs, serving=serving, settings=settings)
    return msgspec.structs.replace(request, submodules=settings.git_submodules, lfs=repository.enable_lfs)


def request_at(
    wish: SourcesWanted,
    source: RepositorySource,
    mirror: Path,
    resolved: Resolved,
    refs: dict[str, RefSource],
    *,
    serving: Capabilities,
    settings: RenderSettings = RenderSettings(),  # noqa: B008 - frozen
) -> RenderRequest:
    """The same of a bare repository at an absolute path."""
    return RenderRequest(
        mirror=mirror,
        commit=resolved.commit,
        path=source.path or ".",
        options=source.options,
        release_name=wish.name,
        namespace=wish.destination_namespace,
        kube_version=serving.kube_version,
        api_versions=serving.api_versions,
        settings=settings,
        refs=refs,
        env=build_environment(
            app_instance=wish.instance,
            app_namespace=wish.destination_namespace,
            project=wish.project,
            revision=resolved.revision,
            path=source.path,
            repo_url=source.repo_url,
            target_revision=source.target_revision,
        ),
    )


def asker_of(
    wish: SourcesWanted,
    source: RepositorySource,
    mirror: Path,
    commit: str,
    refs: Mapping[str, RefSource] | None = None,
) -> Asker:
    """On whose behalf what a source, or another one that it names, lacks is obtained.

    Who may be told credentials is the Application's to say, and not the repository's.
    """
    urls = {other.ref: other.repo_url for other in wish.sources if other.ref}
    helm = source.options.get("helm")
    return Asker(
        origins=tuple(
            (f"{REF}{name}", Origin(url=urls[name], mirror=ref.mirror, commit=ref.commit))
            for name, ref in (refs or {}).items()
        ),
        project=wish.project,
        source_repos=wish.source_repos,
        url=source.repo_url,
        mirror=mirror,
        commit=commit,
        pass_credentials=isinstance(helm, dict) and helm.get("passCredentials") is True,
    )


def name_of(request: RenderRequest, repository: Repository, instance: str, engine_version: str) -> str:
    """The name under which a source's renders are remembered: all but revision, cluster and settings."""
    alike = msgspec.structs.replace(
        request, kube_version="", api_versions=(), env={}, settings=RenderSettings()
    )
    text = f"{engine_version}\n{repository.mirror.name}\n{instance}\n{alike.options_digest()}"
    return hashlib.sha256(text.encode()).hexdigest()
