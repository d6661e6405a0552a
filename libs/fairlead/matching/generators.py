"""Which ApplicationSets an event at a host of source code concerns, by what their generators look at.

Invariant: whoever may be concerned is found; who is found for nothing looks, and sees that nothing changed.
Asking costs what is found, not how many sets there are; only what parameters fill in is gone through.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from fairlead.matching.repository import identity
from fairlead.model.errors import MalformedObjectError
from fairlead.model.generators import (
    Generator,
    PullRequestGenerator,
    ScmProviderGenerator,
    TerminalGenerator,
    nested_matrix,
    nested_merge,
)

Kind = Literal["push", "merge", "artifact"]
Name = tuple[str, str]
"""Namespace and name of a set."""

_FILLED: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MARK: Final = "0filled-in0"
_SHORT: Final = re.compile(r"refs/(?:heads|tags)/")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._/-]+")
_SHA: Final = re.compile(r"[0-9a-f]{40}")
_ANYWHERE: Final = ("any",)


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """An event about one repository, under every identity its addresses have. Without refs, any moved."""

    kind: Kind
    repositories: tuple[str, ...]
    refs: tuple[str, ...] = ()


class Interest(msgspec.Struct, frozen=True):
    """One thing that a generator looks at: what happens to `where`, or with `is_below` to what is below it.
    `revision` is the only one that counts, "" for any. A `where` with `_MARK` in it is a pattern."""

    kind: Kind
    where: str
    is_below: bool = False
    revision: str = ""


ANYTHING: Final = Interest("push", "")
"""A plugin may look at whatever it likes."""


def interests(generators: Iterable[Mapping[str, Any] | TerminalGenerator]) -> frozenset[Interest]:
    """What the generators of a set look at."""
    return frozenset(found for generator in generators for found in _of(generator))


class Interested:
    """Sets by what they look at."""

    def __init__(self) -> None:
        self._of: dict[Name, frozenset[Interest]] = {}
        self._index: dict[Hashable, dict[Name, None]] = {}
        self._patterns: dict[Name, tuple[tuple[Interest, tuple[str, ...]], ...]] = {}

    def put(self, name: Name, found: frozenset[Interest]) -> None:
        """What a set looks at from now on."""
        if self._of.get(name) == found:
            return
        self.drop(name)
        self._of[name] = found
        for interest in found:
            if _MARK not in interest.where:
                self._index.setdefault(_key(interest), {})[name] = None
        patterns = tuple((each, _parts(each)) for each in found if _MARK in each.where)
        if patterns:
            self._patterns[name] = patterns

    def drop(self, name: Name) -> None:
        """The set is gone."""
        self._patterns.pop(name, None)
        for interest in self._of.pop(name, ()):
            there = self._index.get(_key(interest), {})
            there.pop(name, None)
            if not there:
                self._index.pop(_key(interest), None)

    def names(self) -> frozenset[Name]:
        """All sets that are known."""
        return frozenset(self._of)

    def of(self, happening: Happening) -> list[Name]:
        """The sets that it concerns."""
        found = dict(self._index.get(_ANYWHERE, {}))
        moved = {_short(ref) for ref in happening.refs}
        for repository in happening.repositories:
            for name in self._index.get((happening.kind, repository), ()):
                if self._reads(name, happening.kind, repository, moved):
                    found[name] = None
            for above in _above(repository):
                found.update(self._index.get((happening.kind, above, "below"), {}))
        for name, patterns in self._patterns.items():
            if any(
                interest.kind == happening.kind and _fits(parts, repository)
                for interest, parts in patterns
                for repository in happening.repositories
            ):
                found[name] = None
        return list(found)

    def _reads(self, name: Name, kind: Kind, repository: str, moved: set[str]) -> bool:
        wanted = {each.revision for each in self._of[name] if (each.kind, each.where) == (kind, repository)}
        return not moved or "" in wanted or bool(wanted & moved)


def _key(interest: Interest) -> Hashable:
    if interest == ANYTHING:
        return _ANYWHERE
    if interest.is_below:
        return (interest.kind, interest.where, "below")
    return (interest.kind, interest.where)


def _above(repository: str) -> Iterator[str]:
    """The host, and every folder that a repository is in."""
    at = repository.find("/")
    while at >= 0:
        yield repository[:at]
        at = repository.find("/", at + 1)


def _parts(interest: Interest) -> tuple[str, ...]:
    """What is fixed of a place; between each two something stands, whatever it is."""
    parts = interest.where.split(_MARK)
    return (*parts[:-1], f"{parts[-1]}/", "") if interest.is_below else tuple(parts)


def _fits(parts: Sequence[str], text: str) -> bool:
    """Whether a text is these parts with something between each two. Each is taken where it comes first, so
    that no text is slow, whatever it and the parts are."""
    first, *middle, last = parts
    if not text.startswith(first):
        return False
    end = len(first)
    for part in middle:
        at = text.find(part, end + 1)
        if at < 0:
            return False
        end = at + len(part)
    return len(text) - len(last) > end and text.endswith(last)


def _of(generator: Mapping[str, Any] | TerminalGenerator) -> Iterator[Interest]:
    spec = generator if isinstance(generator, TerminalGenerator) else _read(generator)
    if spec is None:
        return
    if spec.plugin is not None:
        yield ANYTHING
    if spec.git is not None and spec.git.repo_url:
        yield Interest("push", _identity(spec.git.repo_url), revision=_revision(spec.git.revision))
    if spec.oci is not None and spec.oci.repo_url:
        yield Interest("artifact", _identity(spec.oci.repo_url))
    if spec.scm_provider is not None:
        yield from (Interest("push", where, is_below=True) for where in _owners(spec.scm_provider))
    if spec.pull_request is not None:
        yield from _requests(spec.pull_request)
    for inner in _inner(spec):
        yield from _of(inner)


def _inner(spec: TerminalGenerator) -> Iterator[TerminalGenerator]:
    """The generators inside a matrix or merge, whose innermost are free-form."""
    for field, read in (("matrix", nested_matrix), ("merge", nested_merge)):
        block = getattr(spec, field, None)
        if block is None:
            continue
        try:
            found = read(block) if isinstance(block, Mapping) else block
        except MalformedObjectError:
            continue
        yield from found.generators


def _owners(spec: ScmProviderGenerator) -> Iterator[str]:
    """Below what the repositories of a provider are."""
    if (github := spec.github) is not None:
        yield _place(_host(github.api, "github.com"), github.organization)
    if (gitlab := spec.gitlab) is not None:
        yield _place(_host(gitlab.api, "gitlab.com"), gitlab.group)
    if (gitea := spec.gitea) is not None:
        yield _place(_host(gitea.api), gitea.owner)
    if (cloud := spec.bitbucket) is not None:
        yield _place("bitbucket.org", cloud.owner)
    if (server := spec.bitbucket_server) is not None:
        host = _host(server.api)
        yield _place(host, server.project)
        yield _place(host, f"scm/{server.project}")
    if (azure := spec.azure_dev_ops) is not None:
        yield _place(_host(azure.api, "dev.azure.com"), f"{azure.organization}/{azure.team_project}")


def _requests(spec: PullRequestGenerator) -> Iterator[Interest]:
    """Bitbucket Server tells nobody where a repository of a request is: there its pushes count."""
    if (github := spec.github) is not None:
        yield Interest("merge", _place(_host(github.api, "github.com"), f"{github.owner}/{github.repo}"))
    if (gitlab := spec.gitlab) is not None:
        host = _host(gitlab.api, "gitlab.com")
        if gitlab.project.isdecimal():
            yield Interest("merge", host, is_below=True)
        else:
            yield Interest("merge", _place(host, gitlab.project))
    if (gitea := spec.gitea) is not None:
        yield Interest("merge", _place(_host(gitea.api), f"{gitea.owner}/{gitea.repo}"))
    if (cloud := spec.bitbucket) is not None:
        yield Interest("merge", _place(_host(cloud.api, "bitbucket.org"), f"{cloud.owner}/{cloud.repo}"))
    if (azure := spec.azuredevops) is not None:
        host = _host(azure.api, "dev.azure.com")
        yield Interest("merge", _place(host, f"{azure.organization}/{azure.project}/_git/{azure.repo}"))
    if (server := spec.bitbucket_server) is not None:
        host = _host(server.api)
        yield Interest("push", _place(host, f"{server.project}/{server.repo}"))
        yield Interest("push", _place(host, f"scm/{server.project}/{server.repo}"))


def _host(api: str, otherwise: str = "") -> str:
    """The host of web pages and clones, of an API's address."""
    text = _marked(api.strip())
    if not text:
        return otherwise
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        host = ""
    return host.lower().removeprefix("api.") or _MARK


def _place(host: str, path: str) -> str:
    return f"{host}/{_marked(path).strip().strip('/').lower()}"


def _identity(url: str) -> str:
    return identity(_marked(url)) or _MARK


def _marked(text: str) -> str:
    """With a mark where parameters are filled in. To look for the end of what is not closed would be slow."""
    end = text.rfind("}}") + 2
    return _FILLED.sub(_MARK, text[:end]) + text[end:]


def _revision(revision: str) -> str:
    """A branch or tag by its bare name; "" for what only a look at the repository resolves."""
    bare = _short(revision.strip())
    return bare if _PLAIN.fullmatch(bare) and bare != "HEAD" and not _SHA.fullmatch(bare) else ""


def _short(ref: str) -> str:
    return _SHORT.sub("", ref, count=1)


def _read(generator: Mapping[str, Any]) -> TerminalGenerator | None:
    try:
        return msgspec.convert(generator, Generator)
    except msgspec.ValidationError:
        return None
