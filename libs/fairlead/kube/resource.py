"""One REST resource of an API server, and the address of an object of it.

Invariant: this is the only place that spells an API path, so no name can escape its segment.
"""

import re
from urllib.parse import quote

import msgspec

from fairlead.kube.errors import ImpossibleNameError
from fairlead.manifest.identity import GroupKind, GroupVersionKind

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
"""What stands for itself in a path; nearly every name does."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """A served resource: `group=""` is the core group, `plural` the path segment."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    verbs: frozenset[str] = frozenset()
    subresources: frozenset[str] = frozenset()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(self.group, self.kind)

    @property
    def gvk(self) -> GroupVersionKind:
        return GroupVersionKind(self.group, self.version, self.kind)

    @property
    def can_watch(self) -> bool:
        """Whether a reflector can follow it: both list and watch are served."""
        return "list" in self.verbs and "watch" in self.verbs

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str = "") -> str:
        """The request path; without a name, of the collection, and without a namespace, of all of them."""
        segments = [_root(self.group), self.version]
        if namespace and self.namespaced:
            segments += ["namespaces", _segment(namespace)]
        segments.append(self.plural)
        if name is not None:
            segments.append(_segment(name))
            segments += [quote(part, safe="") for part in subresource.split("/") if part]
        return "/".join(segments)


def _root(group: str) -> str:
    return f"/apis/{_quoted(group)}" if group else "/api"


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="")


def _segment(name: str) -> str:
    if name in {"", ".", ".."}:
        raise ImpossibleNameError(name)
    return _quoted(name)
