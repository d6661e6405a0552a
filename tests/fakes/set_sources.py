"""What generators may ask, in memory: for sets whose world is written down beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.sources import ClusterFacts, Place, Rights
from fairlead.matching.labels import selects
from fairlead.matching.tree_globs import of_directories, of_files
from fairlead.model.generators import PathItem
from fairlead.model.metadata import LabelSelector
from fairlead.outbound import Outbound


class MemoryRepositories:
    """Files by repository; whom a question is not about is remembered in `asked`."""

    def __init__(self, contents: Mapping[str, Mapping[str, str]], *, globstar: bool = False) -> None:
        self._contents = contents
        self._globstar = globstar
        self.asked: list[Place] = []

    async def directories(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[str]:
        """As the repo-server answers."""
        folders = set[str]()
        for path in self._of(place):
            parts = path.split("/")[:-1]
            folders |= {"/".join(parts[: at + 1]) for at in range(len(parts))}
        globs = [(of_directories(one.path), one.exclude) for one in patterns]
        return sorted(path for path in folders if _is_taken(path, globs))

    async def files(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[tuple[str, bytes]]:
        """As the repo-server answers."""
        globs = [(of_files(one.path, globstar=self._globstar), one.exclude) for one in patterns]
        found = self._of(place)
        return [(path, found[path].encode()) for path in sorted(found) if _is_taken(path, globs)]

    def _of(self, place: Place) -> Mapping[str, str]:
        self.asked.append(place)
        try:
            return self._contents[place.repo_url]
        except KeyError:
            raise SourceError(f"{place.repo_url}: repository not found") from None


def _is_taken(path: str, globs: Sequence[tuple[Any, bool]]) -> bool:
    matching = [exclude for glob, exclude in globs if glob.matches(path)]
    return bool(matching) and not any(matching)


class MemorySources:
    """The world of one set."""

    namespace = "argocd"

    def __init__(
        self,
        *,
        clusters: Sequence[ClusterFacts] = (),
        repositories: Mapping[str, Mapping[str, str]] | None = None,
        config_maps: Mapping[str, Mapping[str, str]] | None = None,
        secrets: Mapping[str, Mapping[str, str]] | None = None,
        objects: Sequence[Mapping[str, Any]] = (),
        rights: Rights | None = None,
        http: Outbound | None = None,
    ) -> None:
        self._clusters = clusters
        self.repositories = MemoryRepositories(repositories or {})
        self._config_maps = config_maps or {}
        self._secrets = secrets or {}
        self._objects = objects
        self._rights = rights or Rights()
        self._http = http

    @property
    def http(self) -> Outbound:
        """The client; a test that asks nobody has none."""
        assert self._http is not None
        return self._http

    def clusters(self) -> Sequence[ClusterFacts]:
        """As they were given."""
        return self._clusters

    def rights(self, project: str, namespace: str, repo_url: str) -> Rights:
        """The same for every project but the one that is not there."""
        del namespace, repo_url
        if project == "absent":
            raise SourceError("project absent does not exist")
        return self._rights

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str:
        """A value."""
        del strict
        data = await self.secret_data(namespace, name)
        if key not in data:
            raise SourceError(f'key "{key}" not found in secret {namespace}/{name}')
        return data[key]

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]:
        """All values."""
        if name not in self._secrets:
            raise SourceError(f"secret {namespace}/{name} not found")
        return self._secrets[name]

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        """Its data."""
        if name not in self._config_maps:
            raise SourceError(f"ConfigMap {namespace}/{name} not found")
        return self._config_maps[name]

    async def objects(
        self,
        api_version: str,
        kind: str,
        namespace: str,
        *,
        name: str = "",
        selector: LabelSelector | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """Objects, whatever their kind."""
        del api_version, kind, namespace
        return [
            one
            for one in self._objects
            if name in ("", one["metadata"]["name"])
            and (selector is None or selects(selector, one["metadata"].get("labels", {})))
        ]
