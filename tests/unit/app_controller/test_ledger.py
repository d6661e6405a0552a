"""A ledger that was told of all changes says what a comparison from nothing says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fairlead.app_controller.comparing import ask, ledger
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.desired import Basis, UnopenedError, gist_of
from fairlead.app_controller.comparing.item import Comparison, Subject, shown_of
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.comparing.page import page_of, read, recall, written
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.app_controller.permission import Permission
from fairlead.app_controller.rendering.render import Render
from fairlead.diff.compare import Fingerprints
from fairlead.diff.dry_run import Prediction
from fairlead.kube.head import decode_head
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_index import LiveChange, LiveIndex
from fairlead.kube.live_object import Kept, LiveObject, as_live
from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.prepare import Prepared, Remark, make_desired
from fairlead.manifest.tracking import Tracking
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.render.jq import Jq
from fairlead.sync.options import parse_options
from tests.unit.app_controller.compared import FakeCluster, Object, project, terms

BASIS: Final = Basis(digest="d", instance="app", namespace="work", tracking=Tracking())
KINDS: Final = {
    "ConfigMap": ("", "v1"),
    "Deployment": ("apps", "v1"),
    "Ingress": ("networking.k8s.io", "v1"),
    "Application": ("argoproj.io", "v1alpha1"),
    "Namespace": ("", "v1"),
}
NAMES: Final = ("a", "b")
SERVED: Final = sorted(KINDS)
RULE = ResourceIgnoreDifferences(group="*", kind="*", json_pointers=("/spec/colour",))
TERMS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"ignore": (RULE,)},
    {"options": parse_options(["Delete=confirm"])},
    {"permitted": Permission(project=project("ConfigMap"), server="https://one", cluster_name="one")},
    {"eager": True},
)
STATES: Final = (
    KindState.KNOWN,
    KindState.KNOWN,
    KindState.SYNCING,
    KindState.UNKNOWN,
    KindState.EXCLUDED,
    KindState.ABSENT,
)


class World(LiveIndex):
    """A cluster's objects, of which states and served kinds may be any."""

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[GroupKind, KindState] = {}
        self.unserved: set[str] = set()
        self.version = 1

    def state_of(self, kind: GroupKind) -> KindState:
        return self.states.get(kind, KindState.KNOWN)

    def unknown_kinds(self) -> dict[GroupKind, str]:
        return {kind: f"{kind} is away" for kind, state in self.states.items() if state is KindState.UNKNOWN}

    def resource_for(self, group: str, kind: str, version: str | None = None) -> Resource | None:
        if kind in self.unserved:
            return None
        return Resource(group=group, version=version or "v1", plural=kind.lower(), kind=kind, namespaced=True)


def key_of(kind: str, name: str) -> ResourceKey:
    return ResourceKey(KINDS[kind][0], kind, "" if kind == "Namespace" else "work", name)


def manifest(key: ResourceKey, colour: str, mark: str, extra: str) -> Object:
    group, version = KINDS[key.kind]
    annotations = {}
    if mark:
        place = f"{key.group}/{key.kind}:{key.namespace}/{key.name}"
        annotations["argocd.argoproj.io/tracking-id"] = f"{mark}:{place if extra != 'copy' else 'x/Y:z/w'}"
    if extra == "hook":
        annotations["argocd.argoproj.io/hook"] = "PreSync"
    if extra == "ignored":
        annotations["argocd.argoproj.io/ignore-healthcheck"] = "true"
    spec: Object = {"colour": colour}
    if key.kind == "Deployment":
        spec["template"] = {"spec": {"containers": [{"name": "c", "image": f"image:{colour}"}]}}
    if key.kind == "Ingress":
        spec["rules"] = [{"host": f"{colour}.example.org"}]
    metadata: Object = {"name": key.name, "annotations": annotations}
    if key.namespace:
        metadata["namespace"] = key.namespace
    if extra == "applied":
        metadata["managedFields"] = [
            {"manager": "argocd-controller", "operation": "Apply", "fieldsV1": {"f:spec": {"f:colour": {}}}}
        ]
    return {
        "apiVersion": f"{group}/{version}" if group else version,
        "kind": key.kind,
        "metadata": metadata,
        "spec": spec,
    }


INGRESS = key_of("Ingress", "a")
keys = st.builds(key_of, st.sampled_from(SERVED), st.sampled_from(NAMES))
colours = st.sampled_from(("red", "blue"))
wanted_extras = st.sampled_from(("", "", "hook", "copy", "ignored"))
extras = st.one_of(wanted_extras, st.just("applied"))
wishes = st.dictionaries(keys, st.tuples(colours, wanted_extras), max_size=6)
steps = st.one_of(
    st.tuples(
        st.just("put"), keys, colours, st.sampled_from(("app", "app", "other", "")), extras, st.booleans()
    ),
    st.tuples(st.just("remove"), keys),
    st.tuples(st.just("state"), st.sampled_from(SERVED), st.sampled_from(STATES)),
    st.tuples(st.just("serve"), st.sampled_from(SERVED)),
    st.tuples(st.just("terms"), st.sampled_from(range(len(TERMS)))),
    st.tuples(st.just("render"), wishes),
    st.tuples(st.just("look")),
    st.tuples(st.just("look")),
    st.tuples(st.just("write")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("restart")),
)


class Told:
    """One application in a world, and the ledger that is told of what changes in it."""

    def __init__(self, wished: dict[ResourceKey, tuple[str, str]]) -> None:
        self.world, self.ledger = World(), Ledger()
        self.cluster = FakeCluster()
        self.cluster.live = cast(Any, self.world)
        self.cluster.discovery = cast(Any, self.world)
        self.terms: dict[str, Any] = {}
        self.page: tuple[Prepared, bytes] | None = None
        self.is_closed = False
        self.render(wished)

    def put(self, key: ResourceKey, colour: str, mark: str, extra: str, owned: bool) -> None:
        self.world.version += 1
        version = str(self.world.version)
        obj = manifest(key, colour, mark, extra)
        obj["metadata"] |= {"uid": f"{key}", "resourceVersion": version, "generation": 1}
        if owned:
            obj["metadata"]["ownerReferences"] = [{"uid": "owner"}]
        raw = json.dumps(obj).encode()
        resource = Resource(
            group=key.group,
            version=KINDS[key.kind][1],
            plural=key.kind.lower(),
            kind=key.kind,
            namespaced=bool(key.namespace),
        )
        self._tell(self.world.put(as_live(resource, decode_head(raw), raw, mark or None, Kept.WHOLE)))

    def remove(self, key: ResourceKey) -> None:
        self._tell(self.world.remove(key))

    def write(self) -> None:
        """What was compared last is written down."""
        if self.ledger.is_of(self.prepared):
            page = page_of(
                self.ledger,
                uid="u",
                basis=BASIS,
                gist=gist_of(self.prepared),
                render=Render(digest="d"),
                fingerprints=self.cluster.fingerprints,
            )
            self.page = (self.prepared, written(page)) if page is not None else self.page

    async def restart(self) -> None:
        """Another process goes on, with what was written down once."""
        self.ledger, self.cluster.fingerprints, self.is_closed = Ledger(), Fingerprints(), False
        if self.page is None or self.page[0] is not self.prepared:
            return
        page = read(self.page[1])
        assert page is not None
        self.is_closed = await recall(page, self.subject(is_closed=True), self.ledger)

    def render(self, wished: dict[ResourceKey, tuple[str, str]]) -> None:
        self.prepared = Prepared(
            objects=tuple(
                make_desired(key, manifest(key, colour, "app", extra), namespaced=bool(key.namespace))
                for key, (colour, extra) in wished.items()
            ),
            remarks=(Remark(type="RepeatedResourceWarning", message="twice"),) if len(wished) == 1 else (),
        )

    def subject(self, *, is_closed: bool = False) -> Subject:
        return Subject(
            prepared=None if is_closed else self.prepared,
            cluster=cast(Cluster, self.cluster),
            terms=terms(**self.terms),
            jq=cast(Jq, None),
        )

    async def look(self) -> None:
        self.is_closed &= self.ledger.holds(self.subject(is_closed=True))
        about = self.subject(is_closed=self.is_closed)
        found = await compare_application(about, self.ledger)
        fresh = await compare_application(self.subject(), Ledger())
        assert seen(found) == seen(fresh)
        assert found.shown == shown_of(found.items)
        assert await compare_application(about, self.ledger) is found

    def _tell(self, change: LiveChange | None) -> None:
        for live in (change.new, change.old) if change is not None else ():
            if change is not None and live is not None and live.instance == "app":
                self.ledger.mark_change(change)


def seen(comparison: Comparison) -> object:
    """All that is said, but for the fields that differ: who remembers more names them without asking."""
    items = [
        (
            (item.key, item.outcome and (item.outcome.status, item.outcome.reason), item.health, item.hook),
            (item.needs_confirmation, item.other_owner, item.problem, item.copied, item.images, item.live),
        )
        for item in comparison.items
    ]
    said = comparison.code, comparison.health, comparison.is_error, comparison.unread, comparison.unjudged
    return said, items, comparison.remarks, comparison.shown


@contextmanager
def answering() -> Iterator[None]:
    """An API server that says what a look at the colours says."""

    async def predicted(_subject: Any, _resource: Any, desired: Any, live: Any, _rules: Any) -> Prediction:
        equal = desired.object["spec"]["colour"] == live["spec"]["colour"]
        return Prediction(equal=equal, predicted={}, live={})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ask, "predicted", predicted)
        yield


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wishes, st.lists(steps, max_size=30))
@example(
    wished={INGRESS: ("red", "")},
    script=[
        ("put", INGRESS, "red", "app", "copy", False),
        ("look",),
        ("serve", "Ingress"),
        ("write",),
        ("restart",),
    ],
)
def test_a_ledger_fed_with_any_changes_equals_a_comparison_from_nothing(
    wished: dict[ResourceKey, tuple[str, str]], script: list[tuple[Any, ...]]
) -> None:
    async def play() -> None:
        told = Told(wished)
        for name, *given_ in script:
            match name:
                case "put":
                    told.put(*given_)
                case "remove":
                    told.remove(*given_)
                case "render":
                    told.render(*given_)
                    told.is_closed = False
                case "state":
                    told.world.states[GroupKind(KINDS[given_[0]][0], given_[0])] = given_[1]
                case "serve":
                    told.world.unserved ^= {given_[0]}
                case "terms":
                    told.terms = TERMS[given_[0]]
                case "look":
                    await told.look()
                case "write":
                    await told.look()
                    told.write()
                case "restart":
                    await told.restart()
        await told.look()

    with answering():
        asyncio.run(play())


async def test_what_is_wanted_and_not_followed_is_never_taken_for_unwanted() -> None:
    key = key_of("Deployment", "a")
    told = Told({key: ("red", "")})
    told.put(key, "red", "app", "", False)
    told.world.states[key.group_kind] = KindState.EXCLUDED
    assert (await compare_application(told.subject(), told.ledger)).items == ()


async def test_a_mark_set_during_a_look_is_the_next_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({key_of("ConfigMap", "a"): ("red", "")})
    told.put(key_of("ConfigMap", "a"), "blue", "app", "", False)

    async def predicted(*_: Any) -> Prediction:
        told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
        return Prediction(equal=False, predicted={}, live={})

    monkeypatch.setattr(ask, "predicted", predicted)
    assert (await compare_application(told.subject(), told.ledger)).code == "OutOfSync"
    assert (await compare_application(told.subject(), told.ledger)).code == "Synced"


async def test_what_a_failed_look_took_is_looked_at_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({key_of("ConfigMap", "a"): ("red", "")})
    told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    told.put(key_of("ConfigMap", "a"), "blue", "app", "", False)

    async def cancelled(*_: Any) -> Prediction:
        raise asyncio.CancelledError

    monkeypatch.setattr(ask, "predicted", cancelled)
    with pytest.raises(asyncio.CancelledError):
        await compare_application(told.subject(), told.ledger)
    with answering():
        assert (await compare_application(told.subject(), told.ledger)).code == "OutOfSync"


async def test_a_change_nobody_told_of_is_found_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({key_of("ConfigMap", "a"): ("red", "")})
    told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
    about = told.subject()
    assert (await compare_application(about, told.ledger)).code == "Synced"
    told.world.remove(key_of("ConfigMap", "a"))
    assert (await compare_application(about, told.ledger)).code == "Synced"
    later = ledger.now() + ledger.WHOLE_EVERY + 1
    monkeypatch.setattr(ledger, "now", lambda: later)
    assert (await compare_application(about, told.ledger)).code == "OutOfSync"


def owned(key: ResourceKey, colour: str, version: str, *, label: str = "", uid: str = "u") -> LiveObject:
    """An object that our field manager applied, and that somebody may have labelled."""
    obj = manifest(key, colour, "app", "")
    fields = {
        "f:metadata": {"f:annotations": {"f:argocd.argoproj.io/tracking-id": {}}},
        "f:spec": {"f:colour": {}},
    }
    obj["metadata"] |= {
        "uid": uid,
        "resourceVersion": version,
        "labels": {"who": label},
        "managedFields": [{"manager": "argocd-controller", "operation": "Apply", "fieldsV1": fields}],
    }
    obj["spec"]["defaulted"] = True
    raw = json.dumps(obj).encode()
    resource = Resource(group="", version="v1", plural="configmaps", kind=key.kind, namespaced=True)
    return as_live(resource, decode_head(raw), raw, "app", Kept.WHOLE)


async def test_a_foreign_change_after_a_restart_costs_no_dry_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The object differs from what is desired by what the server makes of it, which was found out before."""
    key = key_of("ConfigMap", "a")
    told = Told({key: ("red", "")})
    told.put(key, "red", "app", "", False)
    told.world.put(owned(key, "deep red", "100"))
    asked: list[str] = []

    async def predicted(*_: Any) -> Prediction:
        asked.append("dry run")
        return Prediction(equal=True, predicted={}, live={})

    monkeypatch.setattr(ask, "predicted", predicted)
    assert (await compare_application(told.subject(), told.ledger)).code == "Synced"
    told.write()
    await told.restart()
    assert told.is_closed
    told._tell(told.world.put(owned(key, "deep red", "101", label="somebody")))
    with pytest.raises(UnopenedError):
        await compare_application(told.subject(is_closed=True), told.ledger)
    assert (await compare_application(told.subject(), told.ledger)).code == "Synced"
    assert asked == ["dry run"]


async def test_what_is_remembered_is_whole_once_it_is_opened() -> None:
    key = key_of("ConfigMap", "a")
    told = Told({key: ("red", "")})
    told.terms = {"ignore": (RULE,)}
    told.put(key, "red", "app", "", False)
    before = await compare_application(told.subject(), told.ledger)
    told.write()
    await told.restart()
    found = await compare_application(told.subject(is_closed=True), told.ledger)
    assert [item.desired for item in found.items] == [None]
    assert [item.is_wanted for item in found.items] == [True]
    opened = await compare_application(told.subject(), told.ledger)
    assert opened.items == before.items
    assert opened.items[0].rules is not None


async def test_no_answer_of_before_speaks_for_a_version_that_is_not_served_any_more() -> None:
    told = Told({INGRESS: ("red", "")})
    told.put(INGRESS, "red", "app", "copy", False)
    with answering():
        assert (await compare_application(told.subject(), told.ledger)).code == "Synced"
        told.world.unserved.add("Ingress")
        assert (await compare_application(told.subject(), told.ledger)).code == "OutOfSync"
        told.world.unserved.clear()
        assert (await compare_application(told.subject(), told.ledger)).code == "Synced"


async def test_what_is_to_be_found_out_again_is_not_written_down() -> None:
    told = Told({key_of("ConfigMap", "a"): ("red", "")})
    told.put(key_of("ConfigMap", "a"), "blue", "app", "", False)
    about = msgspec.structs.replace(told.subject(), may_ask=False)
    await compare_application(about, told.ledger)
    told.write()
    assert told.page is None


async def test_a_page_of_another_release_is_not_read() -> None:
    told = Told({key_of("ConfigMap", "a"): ("red", "")})
    told.put(key_of("ConfigMap", "a"), "red", "app", "", False)
    await compare_application(told.subject(), told.ledger)
    told.write()
    assert told.page is not None
    page = read(told.page[1])
    assert page is not None
    assert read(written(msgspec.structs.replace(page, format="0 0.0.1"))) is None
    assert read(b"\x93nothing of ours") is None
    assert read(written(page)[:-3]) is None


async def test_the_end_of_an_object_that_has_no_uid_is_seen() -> None:
    """Some aggregated servers give none."""
    key = key_of("ConfigMap", "a")
    told = Told({key: ("red", "")})
    told._tell(told.world.put(owned(key, "red", "5", uid="")))
    assert (await compare_application(told.subject(), told.ledger)).code == "Synced"
    told.remove(key)
    assert (await compare_application(told.subject(), told.ledger)).code == "OutOfSync"


async def test_what_is_remembered_of_an_object_says_nothing_of_another_of_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cluster was made anew at its address, or the application moved: equal versions are chance."""
    key = key_of("ConfigMap", "a")
    told = Told({key: ("red", "")})
    told._tell(told.world.put(owned(key, "deep red", "100")))
    answers = [True, False]

    async def predicted(*_: Any) -> Prediction:
        return Prediction(equal=answers.pop(0), predicted={}, live={})

    monkeypatch.setattr(ask, "predicted", predicted)
    assert (await compare_application(told.subject(), told.ledger)).code == "Synced"
    told.write()
    told.world.remove(key)
    told.world.put(owned(key, "blue", "100", uid="another"))
    await told.restart()
    assert not told.is_closed
    assert (await compare_application(told.subject(), told.ledger)).code == "OutOfSync"
