"""In sync means that an apply would change nothing, and nothing else: of every kind that the cluster serves.

Random objects are applied, then they are changed by somebody else and desired otherwise, and each time the
server says in a dry run what an apply would do. Bounded, and the same in every run;
FAIRLEAD_DIFF_EXAMPLES=50 plays more of each kind and FAIRLEAD_DIFF_SEED others.
"""

import asyncio
import itertools
import os
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from fairlead.diff.compare import FIELD_MANAGER, Fingerprints, Rules, compare, record_applied
from fairlead.diff.dry_run import interpret
from fairlead.diff.explain import differing
from fairlead.diff.overlay import overlay
from fairlead.diff.place import text_of
from fairlead.diff.result import Answer
from fairlead.kube.discovery import Discovery
from fairlead.kube.errors import BadRequestError, KubeError, NotFoundError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.openapi import OpenApi
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.manifest.errors import ManifestError
from fairlead.manifest.prepare import Desired, prepare
from fairlead.manifest.split import split
from fairlead.manifest.stated import SERVER_METADATA
from tests.integration.diff.changes import changed
from tests.integration.diff.schemas import Draw, Kind, Maker, kinds_of
from tests.integration.diff.skeletons import fixed_of, name_of
from tests.integration.diff.valid import RefusedError, Valid, overlaid
from tests.integration.diff.widget import GROUP, define, forget

EXAMPLES = int(os.environ.get("FAIRLEAD_DIFF_EXAMPLES", "1"))
SEED = int(os.environ.get("FAIRLEAD_DIFF_SEED", "1"))
ONLY = tuple(filter(None, os.environ.get("FAIRLEAD_DIFF_KIND", "").split(",")))
ROUNDS = int(os.environ.get("FAIRLEAD_DIFF_ROUNDS", "2"))
LOOKS = 8
"""At an object that controllers keep writing to."""
SOMEBODY = "somebody"
NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
LEFT_OUT = {
    "APIService": "one whose service is not there puts discovery in doubt for everybody",
    "Event": "it is nobody's to apply, and gone after an hour",
    "Node": "it is nobody's to apply, and daemon sets would put others' pods on it",
}
"""Kinds that are not played, and why not."""
_numbers = itertools.count(1)


class Case(NamedTuple):
    """One kind under test."""

    client: KubeClient
    kind: Kind
    keys: OpenApi
    namespace: str

    @property
    def resource(self) -> Resource:
        return self.kind.resource

    @property
    def home(self) -> str | None:
        return self.namespace if self.resource.namespaced else None


Found = list[str]


async def test_in_sync_is_what_an_apply_would_change_nothing_of(control_plane: ControlPlane) -> None:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        namespace = "insync"
        await client.create(NAMESPACES, _named("Namespace", namespace))
        await define(client)
        keys = OpenApi(client)
        kinds = await kinds_of(client, await served(client))
        assert len(kinds) > (0 if ONLY else 40)
        found: Found = []
        for kind in kinds:
            await keys.load(kind.resource.group, kind.resource.version)
            case = Case(client, kind, keys, namespace)
            found += await asyncio.to_thread(played, case, asyncio.get_running_loop())
        await forget(client)
        await client.delete(NAMESPACES, namespace)
    if found:
        pytest.fail("\n\n".join(found[:50]), pytrace=False)


async def served(client: KubeClient) -> list[Resource]:
    """Built-in kinds, in every version, that can be applied and read, and the custom one."""
    discovery = Discovery(client)
    await discovery.refresh()
    return [
        resource
        for version in discovery.catalogue.versions
        for resource in version.resources
        if ("." not in resource.group or resource.group.endswith(".k8s.io") or resource.group == GROUP)
        and {"create", "patch", "get", "delete"} <= resource.verbs
        and resource.kind not in LEFT_OUT
        and (not ONLY or resource.kind in ONLY)
    ]


def played(case: Case, loop: asyncio.AbstractEventLoop) -> Found:
    """The sentences about what was found wrong of a kind."""
    found: Found = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(st.data())
    def play(data: Any) -> None:
        turn = Turn(case, data.draw, lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(120))
        try:
            turn.play()
        except RefusedError as refused:
            found.append(f"NOT PLAYED {refused}")
        finally:
            turn.end()
        found.extend(turn.found)

    play()
    return found


class Turn:
    """One random object from its first apply to its end."""

    def __init__(self, case: Case, draw: Draw, wait: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._case = case
        self._draw = draw
        self._wait = wait
        self._name = name_of(case.resource.kind, next(_numbers))
        self._memory = Fingerprints()
        self._rules = Rules(list_keys=case.keys)
        self._refusal = ""
        self.found: Found = []

    def play(self) -> None:
        """Raises RefusedError."""
        valid = Valid(self._case.client, self._case.resource, self._case.namespace, self._wait)
        obj = valid.made(Maker(self._draw, self._case.kind), self._name)
        desired = self._desired(obj)
        if desired is None or not self._applied(desired):
            return
        self._judge("applied", desired)
        for _ in range(ROUNDS):
            other = self._desired(self._harmless(changed(self._draw, obj, self._draw(st.integers(1, 3)))))
            if other is not None:
                self._judge("desired otherwise", other)
        for _ in range(ROUNDS):
            if self._disturbed(desired):
                self._judge("changed by somebody", desired)
        other = self._desired(self._harmless(changed(self._draw, obj, 1)))
        if other is not None:
            self._judge("both", other)

    def end(self) -> None:
        """Take it away."""
        self._wait(self._gone())

    async def _gone(self) -> None:
        try:
            await self._case.client.merge_patch(
                self._case.resource, self._name, {"metadata": {"finalizers": None}}, self._case.home
            )
            await self._case.client.delete(self._case.resource, self._name, self._case.home)
        except KubeError:
            return

    def _harmless(self, obj: dict[str, Any]) -> dict[str, Any]:
        fixed = fixed_of(self._case.resource.kind, self._name)
        if fixed is None:
            return obj
        return overlaid(obj, {"spec": fixed} if "spec" in obj else fixed)  # type: ignore[no-any-return]

    def _desired(self, obj: dict[str, Any]) -> Desired | None:
        try:
            (found,) = prepare(
                split([obj]),
                is_namespaced=lambda _group, _kind: self._case.resource.namespaced,
                destination_namespace=self._case.namespace,
                instance="app",
            ).objects
        except ManifestError:
            return None
        return found

    def _applied(self, desired: Desired) -> bool:
        try:
            live = self._wait(self._apply(desired, {}))
        except KubeError as error:
            self.found.append(f"NOT PLAYED {self._case.resource.kind}: {error.message[:300]}")
            return False
        record_applied(desired, live, fingerprints=self._memory, rules=self._rules)
        return True

    async def _apply(self, desired: Desired, params: dict[str, str]) -> dict[str, Any]:
        answer = await self._case.client.apply(
            self._case.resource,
            self._name,
            desired.body,
            self._case.home,
            field_manager=FIELD_MANAGER,
            force=True,
            params={"fieldValidation": "Ignore", **params},
        )
        return dict(msgspec.json.decode(answer.body))

    async def _read(self) -> dict[str, Any]:
        raw = await self._case.client.get(self._case.resource, self._name, self._case.home)
        return dict(msgspec.json.decode(raw))

    def _disturbed(self, desired: Desired) -> bool:
        """Whether somebody changed what is live or desired at random, or put it back to that."""
        live = self._wait(self._read())
        kept = {name: live["metadata"][name] for name in ("resourceVersion", "uid")}
        shown = _bare(live)
        how = self._draw(st.sampled_from(("live", "desired", "back")))
        if how == "live":
            wild = changed(self._draw, shown, self._draw(st.integers(1, 2)))
        else:
            other = changed(self._draw, desired.object, 1) if how == "desired" else desired.object
            wild = overlay(other, shown, keys=self._case.keys).object
        wild = self._harmless(wild)
        body = {**wild, "metadata": {**wild["metadata"], **kept}}
        try:
            self._wait(
                self._case.client.update(
                    self._case.resource, self._name, body, self._case.home, params={"fieldManager": SOMEBODY}
                )
            )
        except KubeError:
            return False
        return True

    def _judge(self, when: str, desired: Desired) -> None:
        try:
            live, after = self._wait(self._seen(desired))
        except NotFoundError:
            return
        if live is None:
            return
        is_same = after is not None and _bare(after) == _bare(live)
        for memory in (Fingerprints(), self._memory):
            verdict = compare(desired, live, fingerprints=memory, rules=self._rules)
            rung = verdict.rung.value
            if (
                verdict.answer is Answer.IN_SYNC
                and not is_same
                and not (after is None and memory is self._memory)
            ):
                self._wrong(when, f"in sync by {rung}", desired, live, after)
            if verdict.answer is Answer.DIFFERS and is_same:
                self._wrong(when, f"differs by {rung} in {verdict.paths}", desired, live, after)
        if after is None:
            return
        said = interpret(
            after, live, manager=FIELD_MANAGER, desired=desired.object, list_keys=self._case.keys
        )
        if said.equal is not is_same:
            words = "in sync" if said.equal else "differs"
            self._wrong(when, f"{words} by the dry run's answer", desired, live, after)

    async def _seen(self, desired: Desired) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """The live object and what an apply would make of it, None where it is refused."""
        for _ in range(LOOKS):
            live = await self._read()
            try:
                after = await self._apply(desired, {"dryRun": "All"})
            except BadRequestError as error:
                after, self._refusal = None, error.message
            again = await self._read()
            if again["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:
                return live, after
        return None, None

    def _wrong(
        self, when: str, words: str, desired: Desired, live: dict[str, Any], after: dict[str, Any] | None
    ) -> None:
        if after is None:
            truth = f"the server refuses it: {self._refusal[:300]}"
        else:
            paths = [
                f"{text_of(one.place)}: {one.live!r} -> {one.desired!r}"
                for one in differing(_bare(after), _bare(live), self._case.keys)
            ]
            truth = "; ".join(paths[:5])[:600] or "nothing changes"
        obj = msgspec.json.encode(desired.object).decode()
        there = msgspec.json.encode(_bare(live)).decode()
        kind = f"{self._case.resource.api_version} {self._case.resource.kind}"
        self.found.append(
            f"{kind}, {when}: ours says {words}; truth: {truth}\n  {obj[:1500]}\n  {there[:1500]}"
        )


def _bare(obj: dict[str, Any]) -> dict[str, Any]:
    """What an apply can change."""
    metadata = {name: value for name, value in obj["metadata"].items() if name not in SERVER_METADATA}
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": metadata}


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
