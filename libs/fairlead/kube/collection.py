"""Following one small collection of objects, whole: Applications, projects, settings, cluster Secrets.

Invariant: an object is reported gone only when it was deleted or a list read whole no longer holds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

import structlog

from fairlead.kube.head import Head
from fairlead.kube.list_watch import Reflector
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.watch_events import Added, Deleted, Event, Modified, Relisting, Synced

log = structlog.get_logger(__name__)

Name = tuple[str, str]
"""Namespace and name."""

APPLICATIONS = Resource(
    group="argoproj.io", version="v1alpha1", plural="applications", kind="Application", namespaced=True
)
APP_PROJECTS = Resource(
    group="argoproj.io", version="v1alpha1", plural="appprojects", kind="AppProject", namespaced=True
)
APPLICATION_SETS = Resource(
    group="argoproj.io", version="v1alpha1", plural="applicationsets", kind="ApplicationSet", namespaced=True
)
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)


class Collection:
    """Tells `on_put` of every object and version, and `on_gone` of every end; with a `name` of no other."""

    def __init__(
        self,
        client: KubeClient,
        resource: Resource,
        *,
        namespace: str | None,
        on_put: Callable[[Head, bytes], None],
        on_gone: Callable[[Name], None],
        label_selector: str = "",
        name: str = "",
    ) -> None:
        self._plural = resource.plural
        self._on_put = on_put
        self._on_gone = on_gone
        self._known: set[Name] = set()
        self._listed: set[Name] = set()
        self._synced = asyncio.Event()
        self._reflector = Reflector(
            client,
            resource,
            self._take,
            gate=asyncio.Semaphore(1),
            namespace=namespace,
            label_selector=label_selector,
            name=name,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self._reflector.run()

    async def wait_synced(self) -> None:
        """Return once the collection was read whole."""
        await self._synced.wait()

    @property
    def is_synced(self) -> bool:
        """Whether the collection was read whole once."""
        return self._synced.is_set()

    def _take(self, event: Event) -> None:
        match event:
            case Added(head, raw) | Modified(head, raw):
                name = _name(head)
                self._known.add(name)
                self._listed.add(name)
                self._put(head, raw)
            case Deleted(head, _):
                self._drop(_name(head))
            case Relisting():
                self._listed = set()
            case Synced():
                for name in self._known - self._listed:
                    self._drop(name)
                self._synced.set()

    def _put(self, head: Head, raw: bytes) -> None:
        """What one object does to its taker must not keep the others from being taken."""
        try:
            self._on_put(head, raw)
        except Exception:
            log.exception("collection.object.failed", resource=self._plural, object="/".join(_name(head)))

    def _drop(self, name: Name) -> None:
        if name in self._known:
            self._known.discard(name)
            try:
                self._on_gone(name)
            except Exception:
                log.exception("collection.end.failed", resource=self._plural, object="/".join(name))


def _name(head: Head) -> Name:
    return head.metadata.namespace, head.metadata.name
