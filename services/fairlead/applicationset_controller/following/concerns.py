"""Whom a change concerns: which sets depend on a repository, a cluster, a project, a name.

Invariant: what a set depends on is noted after each look at it, and asking costs what is found, not how many
sets there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from fairlead.applicationset_controller.following.leaves import leaves
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.kube.collection import Name
from fairlead.matching.labels import selects
from fairlead.matching.repository import token
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.metadata import LabelSelector

ANY: Final = ""
"""A ref of which nobody can tell whether it moved."""
_NAMED: Final = re.compile(r"refs/(?:heads|tags)/")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]+")
_SHA: Final = re.compile(r"[0-9a-f]{40}")


class Depends(msgspec.Struct, frozen=True, kw_only=True):
    """What one set depends on. `repositories` are refs by the token of the repository; `selectors` those of
    its clusters, None for all; `projects` those that it names, `names` those of Applications that another
    has, and `destinations` tells whether any of its clusters is not there.
    """

    repositories: Mapping[str, frozenset[str]] = {}
    selectors: tuple[LabelSelector | None, ...] = ()
    projects: frozenset[str] = frozenset()
    names: frozenset[Name] = frozenset()
    destinations: bool = False


class Concerns:
    """Sets by what they depend on."""

    def __init__(self) -> None:
        self._depends: dict[Name, Depends] = {}
        self._index: dict[tuple[str, ...], dict[Name, None]] = {}

    def note(self, key: Name, depends: Depends) -> None:
        """What a set depends on from now on."""
        before = self._depends.get(key)
        if before == depends:
            return
        self.forget(key)
        self._depends[key] = depends
        for subject in _subjects(depends):
            self._index.setdefault(subject, {})[key] = None

    def widen(self, key: Name, depends: Depends) -> None:
        """What a set depends on beside what was noted, while it is not known what it will come to: what
        changes meanwhile may have been read before."""
        before = self._depends.get(key)
        self.note(key, depends if before is None else _joined(before, depends))

    def forget(self, key: Name) -> None:
        """The set is gone."""
        before = self._depends.pop(key, None)
        for subject in _subjects(before) if before is not None else ():
            there = self._index.get(subject, {})
            there.pop(key, None)
            if not there:
                self._index.pop(subject, None)

    def of_repository(self, token_: str, refs: Iterable[str] = ()) -> list[Name]:
        """The sets that read one of these refs of a repository; without refs, any."""
        moved = {_plain(ref) for ref in refs}
        return [key for key in self._of("repository", token_) if not moved or self._reads(key, token_, moved)]

    def of_cluster(self, before: ClusterFacts | None, now: ClusterFacts | None) -> list[Name]:
        """The sets whose selector a cluster is or was chosen by, and those that miss a cluster."""
        found: dict[Name, None] = dict.fromkeys(self._of("destinations"))
        seen = [facts for facts in (before, now) if facts is not None]
        pairs = dict.fromkeys(pair for facts in seen for pair in facts.labels.items())
        candidates = dict.fromkeys(self._of("clusters"))
        for name, value in pairs:
            candidates |= dict.fromkeys(self._of("clusters", name, value))
        for key in candidates:
            selectors = self._depends[key].selectors
            if any(it is None or any(selects(it, facts.labels) for facts in seen) for it in selectors):
                found[key] = None
        return list(found)

    def of_project(self, name: str) -> list[Name]:
        """The sets that name a project."""
        return self._of("project", name)

    def of_name(self, name: Name) -> list[Name]:
        """The sets that want an Application of a name that another has."""
        return self._of("name", *name)

    def _reads(self, key: Name, token_: str, moved: set[str]) -> bool:
        refs = self._depends[key].repositories[token_]
        return ANY in refs or ANY in moved or bool(refs & moved)

    def _of(self, *subject: str) -> list[Name]:
        return list(self._index.get(subject, ()))


def _joined(one: Depends, other: Depends) -> Depends:
    tokens = (*one.repositories, *other.repositories)
    nothing = frozenset[str]()
    return Depends(
        repositories={
            name: one.repositories.get(name, nothing) | other.repositories.get(name, nothing)
            for name in tokens
        },
        selectors=(*one.selectors, *(it for it in other.selectors if it not in one.selectors)),
        projects=one.projects | other.projects,
        names=one.names | other.names,
        destinations=one.destinations or other.destinations,
    )


def repositories(watched: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """The refs of repositories, from their addresses and revisions as people write them."""
    found: dict[str, set[str]] = {}
    for url, revision in watched:
        found.setdefault(token(url), set()).add(_plain(revision))
    return {name: frozenset(refs) for name, refs in found.items()}


def selectors(aset: ApplicationSet) -> tuple[LabelSelector | None, ...]:
    """By what a set chooses clusters; None where that is not known before it is generated."""
    found: list[LabelSelector | None] = []
    for generator in leaves(aset.spec.generators):
        if generator.clusters is not None:
            found.append(_fixed(generator.clusters.selector))
        if generator.cluster_decision_resource is not None:
            found.append(None)
    return tuple(found)


def _fixed(selector: LabelSelector | None) -> LabelSelector | None:
    """A selector that parameters do not fill in, and that chooses by labels at all."""
    if selector is None or "{{" in msgspec.json.encode(selector).decode():
        return None
    return selector


def _subjects(depends: Depends) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [("repository", name) for name in depends.repositories]
    for selector in depends.selectors:
        exact = sorted(selector.match_labels.items()) if selector is not None else []
        found.append(("clusters", *exact[0]) if exact else ("clusters",))
    found += [("project", name) for name in depends.projects]
    found += [("name", *name) for name in depends.names]
    if depends.destinations:
        found.append(("destinations",))
    return found


def _plain(ref: str) -> str:
    """A branch or tag by its bare name; ANY for what only a look at the repository resolves."""
    bare = _NAMED.sub("", ref.strip(), count=1)
    is_ref = _PLAIN.fullmatch(bare) is not None and bare != "HEAD" and not _SHA.fullmatch(bare)
    return bare if is_ref else ANY
