"""Which repositories are a project's own, as their Secrets say: in it they need no rule (contract 3).

Invariant: nothing is kept of a Secret but its address and its project.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

import msgspec

from fairlead.kube.collection import SECRETS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient

SELECTOR = "argocd.argoproj.io/secret-type=repository"


class ScopedRepositories:
    """The addresses by project; `on_change` is told of each project whose own have changed."""

    def __init__(self, client: KubeClient, namespace: str, *, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._declared: dict[Name, tuple[str, str]] = {}
        self._own: dict[str, tuple[str, ...]] = {}
        self.collection = Collection(
            client,
            SECRETS,
            namespace=namespace,
            on_put=self._take,
            on_gone=self._drop,
            label_selector=SELECTOR,
        )

    def of(self, project: str) -> tuple[str, ...]:
        """A project's own, sorted."""
        return self._own.get(project, ())

    def _take(self, head: Head, raw: bytes) -> None:
        name = (head.metadata.namespace, head.metadata.name)
        data = msgspec.json.decode(raw, type=_Secret).data or {}
        self._set(name, (_text(data, "project"), _text(data, "url")))

    def _drop(self, name: Name) -> None:
        self._set(name, ("", ""))

    def _set(self, name: Name, declared: tuple[str, str]) -> None:
        before = self._declared.pop(name, ("", ""))
        if all(declared):
            self._declared[name] = declared
        for project in {before[0], declared[0]} - {""} if before != declared else ():
            urls = tuple(sorted({url for of, url in self._declared.values() if of == project}))
            if urls != self._own.get(project, ()):
                self._own[project] = urls
                self._on_change(project)


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


def _text(data: Mapping[str, str], key: str) -> str:
    try:
        return base64.b64decode(data.get(key, ""), validate=True).decode().strip()
    except (binascii.Error, UnicodeDecodeError):
        return ""
