"""What a cluster would make of other manifests of an application, each tried by itself.

Invariant: nothing is stored and no state of a live object is told; what is another's, or what the project
forbids, is not even tried. Of what the project forbids it is not told whether it is there, and whose
something is only where that is of the same project.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.pod_logs import Compared
from fairlead.app_controller.book import Record
from fairlead.app_controller.comparing.item import Comparison, Subject
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.app_controller.syncing.guarding import policy_of
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.dry_run import dry_run_apply, refuses_dry_run
from fairlead.kube.errors import InvalidError, KubeError, NotFoundError
from fairlead.kube.live_object import LiveObject
from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import ResourceKey, gvk_of, key_of
from fairlead.manifest.tracking import stamp
from fairlead.rpc import foreseen
from fairlead.rpc.foreseen import Foresee, Foreseen, ForeseenObject
from fairlead.sync.guard import Prune, listed
from fairlead.sync.options import (
    Removal,
    SyncOptions,
    forces,
    is_guarded,
    parse_options,
    prune_rule,
    replaces,
)

ASK_AT_ONCE: Final = 8
MAX_WORDS: Final = 600
"""Characters of a cluster's words about one object."""
_IMMUTABLE: Final = re.compile(
    r"immutable|may not (be )?change|cannot be changed|updates to .* are forbidden|can not be updated", re.I
)

Object = dict[str, Any]
Wanted = frozenset[ResourceKey]


class Foresight:
    """Answers `foresee`."""

    def __init__(self, named: Named, checks: Checks, compared: Compared) -> None:
        self._named = named
        self._checks = checks
        self._compared = compared

    async def foresee(self, _: str, payload: bytes) -> bytes:
        """Foresee -> Foreseen."""
        query = decode(Foresee, payload)
        if len(query.manifests) + len(query.dropped) > foreseen.MAX_OBJECTS:
            raise RemoteError("InvalidArgument", f"there are more than {foreseen.MAX_OBJECTS} objects")
        record, cluster = self._named.place(query)
        try:
            writer = self._checks.writer(record.app, cluster)
        except ImpersonationError as error:
            raise RemoteError("FailedPrecondition", str(error)) from error
        gate = asyncio.Semaphore(ASK_AT_ONCE)
        trial = _Trial(self._named, self._checks, record, cluster, writer)

        async def tried(text: str) -> ForeseenObject:
            async with gate:
                return await trial.applied(_read(text))

        applied = await asyncio.gather(*map(tried, query.manifests))
        dropped = [await trial.dropped(_read(text)) for text in query.dropped]
        compared = (
            await self._compared(record) if any(each.verdict == foreseen.PRUNED for each in dropped) else None
        )
        policy = record.app.spec.sync_policy
        automated = policy.automated if policy is not None else None
        return encode(
            Foreseen(
                items=(*applied, *dropped),
                is_automated=automated is not None and automated.enabled is not False,
                prunes=automated is not None and bool(automated.prune),
                waits=await trial.waits(dropped, compared) if compared is not None else "",
            )
        )


class _Trial:
    """One question."""

    def __init__(
        self, named: Named, checks: Checks, record: Record, cluster: Cluster, writer: ClusterWriter
    ) -> None:
        self._named = named
        self._checks = checks
        self._record = record
        self._cluster = cluster
        self._writer = writer
        self._permitted = checks.permits(record.app, cluster.entry)
        policy = record.app.spec.sync_policy
        self._options: SyncOptions = parse_options(policy.sync_options if policy is not None else ())

    async def applied(self, target: Object) -> ForeseenObject:
        """What would become of an object that is applied."""
        key, resource = self._placed(target)
        if resource is None:
            words = f"{key.kind} is not served by the cluster, at least not yet"
            return _told(key, foreseen.UNTRIED, words)
        if not self._permitted(*key, bool(key.namespace)):
            return _told(key, foreseen.FORBIDDEN, "its project does not permit it")
        live = self._cluster.live.get(key)
        if live is not None and live.instance not in (None, self._record.instance):
            return _told(key, foreseen.FOREIGN, owner=self._owner(live))
        stamped = stamp(
            target, self._record.instance, self._record.app.spec.destination.namespace, *self._checks.tracking
        )
        return await self._tried(key, resource, stamped, live)

    async def dropped(self, target: Object) -> ForeseenObject:
        """What would become of one that Git has no more."""
        key, _ = self._placed(target)
        live = self._cluster.live.get(key)
        if live is None:
            return _told(key, foreseen.ABSENT, "it is not in the cluster")
        if not self._named.belongs(live, self._record, self._cluster):
            return _told(key, foreseen.FOREIGN, owner=self._owner(live))
        rule = prune_rule(self._options, await self._decoded(live) or target)
        if rule is Removal.NEVER:
            return _told(key, foreseen.KEPT, "its option Prune=false keeps it")
        words = "it asks to be confirmed" if rule is Removal.CONFIRM else ""
        return _told(key, foreseen.PRUNED, words)

    def _owner(self, live: LiveObject) -> str:
        """Whose an object is, for those who know that one's project."""
        instance = live.instance or ""
        return instance if self._named.project(instance) == self._record.app.spec.project else ""

    async def waits(self, dropped: Iterable[ForeseenObject], compared: tuple[Subject, Comparison]) -> str:
        """Why the guard would ask a person before all that is pruned goes."""
        if not self._options.guard_prune:
            return ""
        subject, comparison = compared
        pruned = [
            ResourceKey(each.group, each.kind, each.namespace, each.name)
            for each in dropped
            if each.verdict == foreseen.PRUNED
        ]
        going = [key for key in pruned if await self._is_guarded(key)]
        staying = sum(
            self._cluster.live.get(item.key) is not None for item in comparison.items if item.key not in going
        )
        now = datetime.now(UTC)
        held = listed(
            policy_of(subject.terms),
            [Prune(key=key) for key in going],
            app=self._record.instance,
            staying=staying,
            may_empty=False,
            started=now,
            shown="",
            moment=now,
        )
        if held is None:
            return ""
        if held.by_share:
            return f"more than {held.share:g}% of its objects would be pruned: that waits for a confirmation"
        return f"pruning {', '.join(str(key) for key in held.named[:3])} waits for a confirmation"

    async def _is_guarded(self, key: ResourceKey) -> bool:
        live = self._cluster.live.get(key)
        found = await self._decoded(live) if live is not None else None
        return found is None or is_guarded(found)

    async def _tried(
        self, key: ResourceKey, resource: Resource, target: Object, live: LiveObject | None
    ) -> ForeseenObject:
        try:
            answer = await dry_run_apply(
                self._writer,
                resource,
                key.name,
                target,
                key.namespace or None,
                leave_out_undeclared=True,
            )
        except KubeError as error:
            return await self._refused(key, target, live, error)
        if live is None:
            return _told(key, foreseen.CREATED)
        if live.instance is None:
            return _told(key, foreseen.ADOPTED, "it is in the cluster already and belongs to nobody")
        before = await self._decoded(live)
        if replaces(self._options, target, before):
            return _told(key, foreseen.REPLACED, "its option Replace=true writes it whole")
        is_same = before is not None and _bare(before) == _bare(msgspec.json.decode(answer.object))
        return _told(key, foreseen.SAME if is_same else foreseen.CHANGED)

    async def _refused(
        self, key: ResourceKey, target: Object, live: LiveObject | None, error: KubeError
    ) -> ForeseenObject:
        if refuses_dry_run(error):
            return _told(key, foreseen.UNTRIED, "a webhook of the cluster takes no dry runs")
        if live is None and isinstance(error, NotFoundError):
            return _told(key, foreseen.CREATED, "what it needs is not there yet, so it was not tried")
        words = error.message
        if live is not None and isinstance(error, InvalidError) and _IMMUTABLE.search(error.message):
            before = await self._decoded(live)
            if forces(False, target, before):
                return _told(key, foreseen.REPLACED, f"it would be deleted and made anew: {words}")
            return _told(key, foreseen.IMMUTABLE, words)
        return _told(key, foreseen.REFUSED, words)

    async def _decoded(self, live: LiveObject) -> Object | None:
        try:
            return await self._cluster.live.decoded(live)
        except KubeError:
            return None

    def _placed(self, target: Object) -> tuple[ResourceKey, Resource | None]:
        """The key of a manifest, in the destination's namespace where it names none."""
        gvk = gvk_of(target)
        resource = self._cluster.discovery.resource_for(gvk.group, gvk.kind, gvk.version)
        metadata = target["metadata"]
        if resource is not None and not resource.namespaced:
            metadata.pop("namespace", None)
        else:
            metadata["namespace"] = metadata.get("namespace") or self._record.app.spec.destination.namespace
        return ResourceKey(gvk.group, gvk.kind, metadata.get("namespace") or "", metadata["name"]), resource


def _read(text: str) -> Object:
    try:
        target = msgspec.json.decode(text, type=dict[str, Any])
        key_of(target)
    except (msgspec.DecodeError, IdentityError) as error:
        raise RemoteError("InvalidArgument", f"error unmarshaling target manifest: {error}") from error
    if not target["metadata"].get("name"):
        raise RemoteError("InvalidArgument", "a manifest has no name")
    return target


def _told(key: ResourceKey, verdict: str, words: str = "", *, owner: str = "") -> ForeseenObject:
    return ForeseenObject(**key._asdict(), verdict=verdict, words=words[:MAX_WORDS], owner=owner)


def _bare(obj: Object) -> Object:
    """Without what every apply changes, and without the status, which nobody applies."""
    metadata = obj.get("metadata") or {}
    kept = {
        name: value
        for name, value in metadata.items()
        if name not in ("managedFields", "resourceVersion", "generation")
    }
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": kept}
