"""The guard of prunes: what would take too much waits for a person, and everything else goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fairlead.bus import Bus, BusConfig
from fairlead.events import PublicEventType, subjects
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.model.application import Application
from fairlead.model.noted import LET_GO
from fairlead.sync.along import RESOURCES
from tests.integration.app_controller.lab import (
    LOCAL,
    NAMESPACES,
    Document,
    Lab,
    automated,
    conditions,
    config_map,
    is_synced,
)

CLAIMS = Resource(
    group="", version="v1", plural="persistentvolumeclaims", kind="PersistentVolumeClaim", namespaced=True
)
APPROVED = "argocd.argoproj.io/deletion-approved"
HELD = "PruneGuardWarning"
MANY = [f"many-{number}" for number in range(12)]


def maps(*names: str, **data: str) -> list[Document]:
    return [config_map(name, **data) for name in names]


def claim(name: str) -> Document:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": spec,
    }


def namespace(name: str) -> Document:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def message(app: Application) -> str:
    state = app.status.operation_state
    return state.message if state is not None else ""


def waits(app: Application) -> bool:
    return "waiting for pruning confirmation" in message(app) and HELD in conditions(app)


def is_leaving(live: Document | None) -> bool:
    return live is not None and "deletionTimestamp" in live["metadata"]


async def approve(lab: Lab, *, seconds: float = 0, name: str = "app") -> None:
    moment = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await lab.patch_app({"metadata": {"annotations": {APPROVED: moment}}}, name)


async def live_names(lab: Lab) -> set[str]:
    heads = [decode_head(raw).metadata for raw in await lab.client.list_all(CONFIG_MAPS, lab.workloads)]
    return {head.name for head in heads if head.deletion_timestamp is None}


async def look_again(lab: Lab, name: str = "app") -> None:
    """A refresh that was answered: the application was looked at since."""
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}, name)
    await lab.until(lambda app: "argocd.argoproj.io/refresh" not in app.metadata.annotations, name)


async def test_a_prune_of_most_of_an_application_waits_until_it_is_confirmed_and_the_rest_goes_on(
    lab: Lab,
) -> None:
    told: list[Document] = []

    async def hear(message: Any) -> None:
        told.append(msgspec.json.decode(message.data))

    subject = subjects.public_app(lab.namespace, "app", "prune-held")
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))
    await bus.client.subscribe(subject, cb=hear)
    lab.renderer.holds(lab.repo, [*maps("kept", colour="blue"), *maps(*MANY)])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, [*maps("kept", colour="red"), *maps("new")])
    app = await lab.until(waits)
    said = conditions(app)[HELD]
    assert said.startswith(
        "Pruning waits to be confirmed. It would delete 12 of 13 objects (92%, where more than 50%"
    )
    assert f"ConfigMap {lab.workloads}/many-0" in said
    assert message(app).endswith("(more than 50% of its objects): `fairlead app confirm-deletion app`")
    await lab.eventually(lambda: lab.outlook().held is not None)
    held = lab.outlook().held
    assert held is not None
    assert (held.by, held.going, held.living, held.share, len(held.objects)) == ("share", 12, 13, 50.0, 12)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Running"
    assert await live_names(lab) >= {"kept", "new", *MANY}
    kept = await lab.get(CONFIG_MAPS, "kept")
    assert kept is not None
    assert kept["data"] == {"colour": "red"}

    await lab.stop()
    await approve(lab, seconds=-3600)
    await lab.start()
    app = await lab.until(lambda app: waits(app) and "is older than this list" in message(app))
    await look_again(lab)
    app = await lab.app()
    assert (waits(app), conditions(app)[HELD]) == (True, said)
    assert await live_names(lab) >= set(MANY)

    await approve(lab)
    app = await lab.until(lambda app: is_synced(app) and HELD not in conditions(app))
    assert not await live_names(lab) & set(MANY)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Succeeded"
    await bus.close()
    assert [event["data"]["count"] for event in told] == [12]
    assert told[0]["type"] == f"fairlead.v1.{PublicEventType.APP_PRUNE_HELD}"


async def test_a_namespace_and_a_claim_wait_while_what_is_beside_them_goes(lab: Lab) -> None:
    other = f"{lab.workloads}-more"
    lab.renderer.holds(lab.repo, [*maps("kept", "gone"), claim("data"), namespace(other)])
    await lab.create_app(**automated())
    await lab.until(lambda app: app.status.sync.status == "Synced" and app.operation is None)
    await lab.renderer.commit(lab.repo, maps("kept"))
    app = await lab.until(waits)
    await lab.until_live(CONFIG_MAPS, "gone", lambda live: live is None)
    assert f"Namespace {other} and all that is in it" in conditions(app)[HELD]
    assert f"PersistentVolumeClaim {lab.workloads}/data and what is stored in it" in conditions(app)[HELD]
    assert (await lab.get(CLAIMS, "data") or {})["metadata"].get("deletionTimestamp") is None
    assert await lab.client.find(NAMESPACES, other) is not None
    await approve(lab)
    await lab.until(lambda app: app.status.sync.status == "Synced" and app.operation is None)
    await lab.until_live(CLAIMS, "data", lambda live: live is None)
    assert HELD not in conditions(await lab.app())


async def test_who_prunes_by_hand_is_told_why_it_waits_and_names_objects_or_says_so_to_go_on(
    lab: Lab,
) -> None:
    lab.renderer.holds(lab.repo, maps("kept", *MANY))
    await lab.create_app()
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, maps("kept"))
    await lab.until(lambda app: app.status.sync.revision == revision)
    by_hand: dict[str, Any] = {"sync": {"prune": True}, "initiatedBy": {"username": "ada"}}
    await lab.patch_app({"operation": by_hand})
    app = await lab.until(waits)
    assert "`fairlead app confirm-deletion app`" in message(app)
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    app = await lab.until(lambda app: app.operation is None and HELD not in conditions(app))
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert await live_names(lab) >= set(MANY)

    named = [{"kind": "ConfigMap", "name": name, "namespace": lab.workloads} for name in MANY[:11]]
    await lab.patch_app({"operation": {**by_hand, "sync": {"prune": True, "resources": named}}})
    await lab.until(
        lambda app: app.operation is None and str(app.status.operation_state.phase) == "Succeeded"
    )  # type: ignore[union-attr]
    assert await live_names(lab) & set(MANY) == {MANY[11]}

    await lab.renderer.commit(lab.repo, maps("kept", *MANY))
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, maps("kept"))
    await lab.until(lambda app: app.status.sync.revision == revision)
    options = {"prune": True, "syncOptions": ["GuardPrune=false"]}
    await lab.patch_app({"operation": {**by_hand, "sync": options}})
    await lab.synced(revision=revision)
    assert not await live_names(lab) & set(MANY)


async def test_a_project_and_the_settings_say_from_where_on_a_prune_waits(lab: Lab) -> None:
    share, objects = "fairlead.dev/prune-guard-share", "fairlead.dev/prune-guard-objects"
    strict = {"metadata": {"annotations": {share: "20%", objects: "2"}}}
    await lab.client.merge_patch(APP_PROJECTS, "default", strict, lab.namespace)
    lab.renderer.holds(lab.repo, maps("a", "b", "c", "d", "e", *MANY))
    await lab.create_app(**automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, maps(*MANY))
    app = await lab.until(waits)
    assert "(29%, where more than 20% waits)" in conditions(app)[HELD]

    nonsense = {"metadata": {"annotations": {share: "a fifth", objects: None}}}
    await lab.client.merge_patch(APP_PROJECTS, "default", nonsense, lab.namespace)
    app = await lab.until(lambda app: "UnheededWarning" in conditions(app))
    assert waits(app), "what waits is not let go because nobody understands the threshold any more"
    assert conditions(app)["UnheededWarning"] == (
        f"project default: annotation {share}: 'a fifth' is not a percentage from 0 to 100, or off; 50% holds"
    )
    settings = {"data": {"fairlead.prune-guard.share": "off"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", settings, lab.namespace)
    await lab.synced()
    app = await lab.synced(revision=await lab.renderer.commit(lab.repo, maps("last")))
    assert HELD not in conditions(app)
    assert await live_names(lab) & {"a", *MANY} == set()


async def test_a_confirmation_that_comes_with_another_commit_takes_nothing_that_this_one_has(
    lab: Lab,
) -> None:
    lab.renderer.holds(lab.repo, maps("kept", *MANY))
    await lab.create_app(**automated())
    await lab.synced()
    before = {name: await lab.get(CONFIG_MAPS, name) for name in MANY}
    await lab.renderer.commit(lab.repo, maps("kept"))
    await lab.until(waits)
    fixed = await lab.renderer.commit(lab.repo, maps("kept", *MANY, colour="red"))
    await lab.eventually(lambda: lab.revisions() == (fixed,))
    await approve(lab)
    app = await lab.synced(revision=fixed)
    assert HELD not in conditions(app)
    after = {name: await lab.get(CONFIG_MAPS, name) for name in MANY}
    for name in MANY:
        one, other = before[name], after[name]
        assert one is not None
        assert other is not None
        assert one["metadata"]["uid"] == other["metadata"]["uid"]
        assert other["data"] == {"colour": "red"}


async def test_an_application_whose_sync_waits_for_somebody_or_something_can_be_deleted(lab: Lab) -> None:
    ends = {"finalizers": ["resources-finalizer.argocd.argoproj.io"]}
    lab.renderer.holds(lab.repo, [*maps("kept"), *maps(*MANY)])
    await lab.create_app(**ends, **automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, maps("kept"))
    await lab.until(waits)
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    assert await live_names(lab) & {"kept", *MANY} == set()

    nowhere = {**config_map("lost"), "metadata": {"name": "lost", "namespace": f"no-{lab.workloads}"}}
    lab.renderer.holds(lab.repo, [*maps("kept"), nowhere])
    await lab.create_app("stuck", **ends)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync", "stuck")
    retry = {"limit": -1, "backoff": {"duration": "1h", "maxDuration": "1h"}}
    await lab.patch_app({"operation": {"sync": {}, "retry": retry}}, "stuck")
    await lab.until(lambda app: "Retrying attempt #1" in message(app), "stuck")
    await lab.client.delete(APPLICATIONS, "stuck", lab.namespace)
    await lab.gone("stuck")


async def test_a_confirmation_outlives_a_restart_and_takes_nothing_that_came_meanwhile(lab: Lab) -> None:
    stuck = {**config_map("stuck"), "metadata": {"name": "stuck", "finalizers": ["example.org/stays"]}}
    first, last, strangers = MANY[:5], MANY[5:], [f"new-{number}" for number in range(8)]
    for document in (documents := [stuck, *maps(*first)]):
        document["metadata"].setdefault("annotations", {})["argocd.argoproj.io/sync-wave"] = "1"
    lab.renderer.holds(lab.repo, [*maps("kept", *last), *documents])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.renderer.commit(lab.repo, maps("kept"))
    await lab.until(waits)
    await approve(lab)
    await lab.until_live(CONFIG_MAPS, "stuck", is_leaving)
    app = await lab.app()
    assert LET_GO in app.metadata.annotations
    assert await live_names(lab) >= {"kept", *last}, "what is of the next wave"

    kept = await lab.get(CONFIG_MAPS, "kept")
    assert kept is not None
    await lab.stop()
    for name in strangers:
        marks = {
            key: text.replace("/kept", f"/{name}") for key, text in kept["metadata"]["annotations"].items()
        }
        body = {**config_map(name), "metadata": {"name": name, "annotations": marks}}
        await lab.client.create(CONFIG_MAPS, body, lab.workloads)
    await lab.start()
    new = f"ConfigMap {lab.workloads}/new-0"
    await lab.until(lambda app: new in conditions(app).get(HELD, ""))
    await lab.client.merge_patch(CONFIG_MAPS, "stuck", {"metadata": {"finalizers": None}}, lab.workloads)
    await lab.until(lambda app: waits(app) and "was of others" in message(app))
    assert await live_names(lab) >= {"kept", *strangers, *last}

    for name in strangers:
        await lab.client.delete(CONFIG_MAPS, name, lab.workloads)
    app = await lab.until(lambda app: is_synced(app) and HELD not in conditions(app))
    assert not await live_names(lab) & set(MANY), "what was confirmed goes without a second word"


async def test_an_application_that_is_pruned_counts_for_all_that_goes_with_it(lab: Lab) -> None:
    child_repo = f"{lab.repo}-child"
    child: Document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "child", "namespace": lab.namespace, "finalizers": [RESOURCES]},
        "spec": {
            "project": "default",
            "source": {"repoURL": child_repo, "path": "."},
            "destination": {"server": LOCAL, "namespace": lab.workloads},
            **automated(),
        },
    }
    lab.renderer.holds(child_repo, maps(*MANY))
    lab.renderer.holds(lab.repo, [*maps("kept"), child])
    await lab.create_app(**automated())
    await lab.created("child")
    await lab.synced("child")
    await lab.synced()
    await lab.renderer.commit(lab.repo, maps("kept"))
    app = await lab.until(waits)
    assert "It would delete 13 of 14 objects (93%" in conditions(app)[HELD]
    named = f"argoproj.io/Application {lab.namespace}/child and the 12 that go with it"
    assert named in conditions(app)[HELD]
    assert await live_names(lab) >= set(MANY)
    await approve(lab)
    await lab.gone("child")
    await lab.until(lambda app: is_synced(app) and HELD not in conditions(app))
    assert not await live_names(lab) & set(MANY)
