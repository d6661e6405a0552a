"""Answers other processes' questions about applications: the resource tree, managed objects, one live object.

Invariant: no value of a Secret leaves this module; `named` finds what is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.touch import told
from fairlead.app_controller.answering.tree import orphans, tree_nodes
from fairlead.app_controller.answering.tree_watch import TreeWatch
from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.comparing.explain import explained_objects
from fairlead.app_controller.comparing.item import Comparison, Subject
from fairlead.app_controller.comparing.shown import managed_resources
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.requested import Hosts
from fairlead.app_controller.syncing.asked import outlook_of
from fairlead.bus import Bus, RemoteError
from fairlead.diff.mask import masked
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.manifest.identity import ResourceKey
from fairlead.rpc import (
    ApplicationQuery,
    LiveResource,
    ManagedResources,
    ResourceNode,
    ResourceTree,
)
from fairlead.rpc.controller import AWAIT_TREE, LIVE, MANAGED, TREE, TreeQuery
from fairlead.rpc.explained import EXPLAIN, ExplainedApplication
from fairlead.settings.controller import ControllerSettings

Handler = Callable[[str, bytes], Awaitable[bytes]]
Compared = Callable[[Record], Awaitable[tuple[Subject, Comparison] | None]]


class Answers:
    """Serves `rpc.controller.0.*`, for the clusters that are ours; `others` answer the verbs that write, run
    scripts or go on."""

    def __init__(
        self,
        bus: Bus,
        named: Named,
        *,
        book: Book,
        checks: Checks,
        compared: Compared,
        settings: Callable[[], ControllerSettings],
        others: Mapping[str, Handler],
    ) -> None:
        self._bus = bus
        self._named = named
        self._book = book
        self._checks = checks
        self._hosts = Hosts()
        self._compared = compared
        self._others = others
        self.watch = TreeWatch(named, book, self.tree)
        self._settings = settings

    async def serve(self) -> None:
        """Subscribe to every verb."""
        answers = {
            TREE: self._tree,
            MANAGED: self._managed,
            EXPLAIN: self._explain,
            LIVE: self._live,
            AWAIT_TREE: self.watch.wait,
            **self._others,
        }
        for verb, answer in answers.items():
            await self._bus.serve(subjects.rpc_controller(0, verb), answer)

    async def _tree(self, _: str, payload: bytes) -> bytes:
        query = decode(TreeQuery, payload)
        record, cluster = self._named.place(query)
        return encode(await self.tree(record, cluster, brief=query.brief))

    async def tree(self, record: Record, cluster: Cluster, *, brief: bool = False) -> ResourceTree:
        """The tree as of now."""
        compared = await self._compared(record)
        items = compared[1].items if compared is not None else ()
        shown = self._settings().shown_labels
        nodes = tree_nodes(items, cluster, shown)
        if await cluster.health.catch_up():
            nodes = tree_nodes(items, cluster, shown)
        if brief:
            return ResourceTree(nodes=tuple(nodes))
        pods = [node.uid for node in nodes if node.kind == "Pod" and not node.group]
        hosts = self._hosts.of(cluster, pods, self._settings().shown_node_labels)
        orphaned = self._orphans(record, cluster)
        if await cluster.health.catch_up():
            orphaned = self._orphans(record, cluster)
        outlook = outlook_of(record)
        digest = hashlib.sha256(msgspec.msgpack.encode((nodes, orphaned, hosts, outlook))).hexdigest()
        return ResourceTree(
            nodes=tuple(nodes),
            orphaned_nodes=tuple(orphaned),
            hosts=tuple(hosts),
            outlook=outlook,
            digest=digest,
        )

    def _orphans(self, record: Record, cluster: Cluster) -> list[ResourceNode]:
        project = self._checks.project_of(record.app)
        rules = project.spec.orphaned_resources if project is not None else None
        namespace = record.app.spec.destination.namespace
        if rules is None or not namespace:
            return []
        permitted = self._checks.permits(record.app, cluster.entry)
        return orphans(
            cluster,
            namespace,
            permitted,
            rules.ignore,
            self._book.has_instance,
            shown_labels=self._settings().shown_labels,
        )

    async def _managed(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, _cluster = self._named.place(query)
        compared = await self._compared(record)
        if compared is None:
            return encode(ManagedResources())
        subject, comparison = compared
        items = [item for item in comparison.items if _matches(item.key, query)]
        return encode(
            ManagedResources(
                items=await managed_resources(subject, items, self._settings().masked_annotations)
            )
        )

    async def _explain(self, _: str, payload: bytes) -> bytes:
        query = decode(ApplicationQuery, payload)
        record, _cluster = self._named.place(query)
        compared = await self._compared(record)
        if compared is None:
            return encode(ExplainedApplication())
        subject, comparison = compared
        items = [item for item in comparison.items if _matches(item.key, query)]
        return encode(await explained_objects(subject, items, self._settings().masked_annotations))

    async def _live(self, _: str, payload: bytes) -> bytes:
        _record, cluster, live = self._named.live(decode(ApplicationQuery, payload))
        manifest = await told(cluster.live.decoded(live))
        if manifest is None:
            raise RemoteError("NotFound", f"{live.key} is gone")
        (shown,) = masked(manifest, annotations=self._settings().masked_annotations)
        return encode(LiveResource(manifest=msgspec.json.encode(shown).decode()))


def _matches(key: ResourceKey, query: ApplicationQuery) -> bool:
    return (
        query.group in ("", key.group)
        and query.kind in ("", key.kind)
        and query.resource_namespace in ("", key.namespace)
        and query.resource_name in ("", key.name)
    )
