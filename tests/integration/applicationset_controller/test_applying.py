"""A set's Applications are made, kept and ended as it says, on a real API server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from operator import ne
from typing import Any, NoReturn

import pytest

from fairlead.applicationset_controller.applying import doubt
from fairlead.applicationset_controller.marks import Marks
from fairlead.kube.collection import APP_PROJECTS, APPLICATION_SETS, APPLICATIONS, SECRETS
from fairlead.kube.errors import ForbiddenError
from fairlead.kube.head import Head
from tests.integration.applicationset_controller.lab import (
    FINALIZER,
    LOCAL,
    NAMESPACES,
    Lab,
    Object,
    conditions,
    elements,
    listed,
    template,
)


def an_app(name: str, **metadata: Any) -> Object:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, **metadata},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/b.git", "path": "."},
            "destination": {"server": LOCAL, "namespace": name},
        },
    }


async def test_a_set_makes_heals_and_ends_its_applications_and_writes_nothing_where_nothing_differs(
    lab: Lab,
) -> None:
    await lab.start()
    made = await lab.create_set("fleet", listed("one", "two"))
    apps = await lab.until_apps({"one", "two"})
    metadata = apps["one"]["metadata"]
    assert metadata["finalizers"] == [FINALIZER]
    (owner,) = metadata["ownerReferences"]
    assert (owner["uid"], owner["controller"]) == (made["metadata"]["uid"], True)
    assert apps["one"]["spec"]["source"]["path"] == "apps/one"
    told = await lab.until_up_to_date("fleet")
    assert told["status"]["resourcesCount"] == 2
    assert [item["name"] for item in told["status"]["resources"]] == ["one", "two"]
    assert told["status"]["health"]["status"] == "Healthy"
    assert ("created", 'created Application "one"') in await lab.until(
        lambda: lab.events("fleet"), lambda found: len(found) == 2, what="two Events"
    )

    made_and_told = ["POST applications", "POST applications", "PATCH applicationsets/fleet/status"]
    await lab.until(_later(lambda: lab.writes() == made_and_told), bool, what="the end of what was written")
    before = len(lab.sent)
    for _ in range(2):
        await lab.change_set("fleet", {"metadata": {"annotations": {REFRESH: "true"}}})
        await lab.until_set("fleet", lambda aset: REFRESH not in aset["metadata"].get("annotations", {}))
    fares = {"status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}}
    await lab.client.merge_patch(APPLICATIONS, "one", fares, lab.namespace)
    told = await lab.until_set("fleet", lambda aset: aset["status"]["resources"][0].get("status") == "Synced")
    assert told["status"]["resources"][0]["health"]["status"] == "Healthy"
    refreshed = "PATCH applicationsets/fleet"
    expected = [refreshed, refreshed, "PATCH applicationsets/fleet/status"]
    await lab.until(_later(lambda: len(lab.writes(since=before)) >= 3), bool, what="the end of that")
    assert lab.writes(since=before) == expected

    by_hand = {"spec": {"source": {"path": "elsewhere"}}, "metadata": {"labels": {"by": "hand"}}}
    await lab.client.merge_patch(APPLICATIONS, "two", by_hand, lab.namespace)
    healed = await lab.until(
        lambda: lab.app("two"), lambda app: app["spec"]["source"]["path"] == "apps/two", what="healing"
    )
    assert "labels" not in healed["metadata"]
    assert healed["metadata"]["uid"] == apps["two"]["metadata"]["uid"]

    await lab.client.delete(APPLICATIONS, "two", lab.namespace)
    await lab.client.merge_patch(APPLICATIONS, "two", {"metadata": {"finalizers": None}}, lab.namespace)
    again = await lab.until(
        lambda: lab.app("two"),
        lambda app: app is not None and app["metadata"]["uid"] != healed["metadata"]["uid"],
        what="another one in its place",
    )
    assert again["metadata"]["finalizers"] == [FINALIZER]

    await lab.change_set("fleet", elements("one"))
    gone = await lab.until(
        lambda: lab.app("two"),
        lambda app: app is None or "deletionTimestamp" in app["metadata"],
        what="the end of one that is wanted no more",
    )
    assert gone is not None, "its finalizer deletes what it deployed first"
    await lab.client.merge_patch(APPLICATIONS, "two", {"metadata": {"finalizers": None}}, lab.namespace)
    told = await lab.until_set("fleet", lambda aset: aset["status"]["resourcesCount"] == 1)
    assert ("Deleted", 'Deleted Application "two"') in await lab.until(
        lambda: lab.events("fleet"), lambda found: any(it[0] == "Deleted" for it in found), what="an Event"
    )


REFRESH = "argocd.argoproj.io/application-set-refresh"


async def test_what_is_another_controllers_is_left_and_what_nobody_controls_is_taken_over_aloud(
    lab: Lab,
) -> None:
    other = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "name": "other",
        "uid": "0b6b1d1c-7b0f-4a52-8c5c-0f9f4e1f2a11",
        "controller": True,
    }
    await lab.create_set("other", listed())
    uid = (await lab.aset("other"))["metadata"]["uid"]
    await lab.client.create(
        APPLICATIONS, an_app("taken", ownerReferences=[{**other, "uid": uid}]), lab.namespace
    )
    await lab.client.create(APPLICATIONS, an_app("free", labels={"by": "hand"}), lab.namespace)
    await lab.change_set("other", {"metadata": {"annotations": {"fairlead.dev/deletion-guard": "off"}}})
    await lab.create_set("fleet", listed("taken", "free", "fresh"))
    await lab.change_set("other", {"spec": {"syncPolicy": {"applicationsSync": "create-only"}}})
    await lab.start()
    await lab.until_apps({"free", "fresh"}, of="fleet")
    told = await lab.until_set("fleet", lambda aset: "ErrorOccurred" in conditions(aset))
    said = conditions(told)["ErrorOccurred"]
    assert said.startswith("True ApplicationValidationError: Application taken is there already")
    assert "controlled by ApplicationSet other" in said
    taken = await lab.app("taken")
    assert taken is not None
    assert taken["spec"]["source"]["repoURL"] == "https://git.example/b.git"
    free = await lab.app("free")
    assert free is not None
    assert free["spec"]["source"]["repoURL"] == "https://git.example/a.git"
    assert any(
        reason == "adopted" and '"free"' in message
        for reason, message in await lab.until(
            lambda: lab.events("fleet"), lambda found: any(it[0] == "adopted" for it in found), what="Events"
        )
    )
    await lab.client.delete(APPLICATIONS, "taken", lab.namespace)
    await lab.until_apps({"free", "fresh", "taken"}, of="fleet")
    await lab.until_up_to_date("fleet")


async def test_one_that_cannot_be_made_costs_no_other_its_change_and_none_of_another_project_is_taken(
    lab: Lab,
) -> None:
    foreign = an_app("foreign")
    foreign["spec"]["project"] = "team"
    await lab.client.create(APPLICATIONS, foreign, lab.namespace)
    await lab.create_set("fleet", listed("one"))
    await lab.start()
    await lab.until_apps({"one"}, of="fleet")
    changed = elements("one", "foreign", "Not_A_Name")
    changed["spec"]["template"] = {"metadata": {"labels": {"is": "changed"}}}
    await lab.change_set("fleet", changed)
    await lab.until(
        lambda: lab.app("one"), lambda app: "labels" in app["metadata"], what="the change of the other"
    )
    told = await lab.until_set(
        "fleet", lambda aset: "CreateApplicationError" in conditions(aset).get("ErrorOccurred", "")
    )
    assert conditions(told)["ErrorOccurred"].endswith("(and 1 more)")
    await lab.change_set("fleet", elements("one", "foreign"))
    told = await lab.until_set(
        "fleet", lambda aset: "in project team" in conditions(aset).get("ErrorOccurred", "")
    )
    assert conditions(told)["ErrorOccurred"] == (
        "True CreateApplicationError: Application foreign is there already, in project team, and not taken "
        "over into project default: give it that project, or delete it"
    )
    left = await lab.app("foreign")
    assert left is not None
    assert (left["spec"], "ownerReferences" in left["metadata"]) == (foreign["spec"], False)
    await lab.client.merge_patch(APPLICATIONS, "foreign", {"spec": {"project": "default"}}, lab.namespace)
    await lab.change_set("fleet", {"metadata": {"annotations": {REFRESH: "true"}}})
    await lab.until_apps({"one", "foreign"}, of="fleet")


async def test_a_missing_project_or_cluster_costs_only_its_own_application_and_is_waited_for(
    lab: Lab,
) -> None:
    await lab.start()
    generators = [
        {
            "list": {
                "elements": [
                    {"name": "good", "project": "default", "server": LOCAL},
                    {"name": "homeless", "project": "default", "server": "https://none.example"},
                    {"name": "stray", "project": "team", "server": LOCAL},
                    {"name": "twice", "project": "default", "server": LOCAL},
                    {"name": "twice", "project": "default", "server": LOCAL},
                ]
            }
        }
    ]
    found = template()
    found["spec"] |= {"project": "{{project}}", "destination": {"server": "{{server}}", "namespace": "x"}}
    await lab.create_set("fleet", {"spec": {"generators": generators, "template": found}})
    told = await lab.until_set("fleet", lambda aset: "ErrorOccurred" in conditions(aset))
    assert conditions(told)["ErrorOccurred"] == (
        "True ApplicationValidationError: application destination spec is invalid: "
        'cluster "https://none.example" not found (and 2 more)'
    )
    assert conditions(told)["ParametersGenerated"].startswith("True")
    assert conditions(told)["ResourcesUpToDate"].startswith("False ErrorOccurred")
    assert told["status"]["health"]["status"] == "Degraded"
    assert set(await lab.apps()) == {"good"}
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "team"},
        "spec": {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}]},
    }
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await lab.until_apps({"good", "stray"})
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "none", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"server": "https://none.example", "name": "none"},
    }
    await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.until_apps({"good", "stray", "homeless"})


async def test_a_set_that_may_not_delete_leaves_its_applications_when_it_goes(lab: Lab) -> None:
    await lab.start()
    policy = {"syncPolicy": {"applicationsSync": "create-update"}}
    await lab.create_set("fleet", listed("one", "two", **policy))
    await lab.until_apps({"one", "two"}, of="fleet")
    await lab.until_up_to_date("fleet")
    await lab.change_set("fleet", elements("one"))
    await lab.until_up_to_date("fleet")
    await lab.until_set("fleet", lambda aset: FINALIZER in aset["metadata"].get("finalizers", ()))
    await lab.client.delete(APPLICATION_SETS, "fleet", lab.namespace)
    await lab.until(
        lambda: lab.client.find(APPLICATION_SETS, "fleet", lab.namespace),
        lambda found: found is None,
        what="the end of the set",
    )
    apps = await lab.apps()
    assert set(apps) == {"one", "two"}
    assert not any(app["metadata"].get("ownerReferences") for app in apps.values())
    assert not any("deletionTimestamp" in app["metadata"] for app in apps.values())
    await lab.create_set("fleet", listed("one", "two"))
    await lab.until_apps({"one", "two"}, of="fleet")


async def test_one_that_the_watch_has_not_told_of_yet_outlives_its_set_too(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another replica made it a moment before the set was deleted."""
    controller = await lab.start()
    policy = {"syncPolicy": {"applicationsSync": "create-update"}}
    made = await lab.create_set("fleet", listed("one", **policy))
    await lab.until_apps({"one"}, of="fleet")
    await lab.until_set("fleet", lambda aset: FINALIZER in aset["metadata"].get("finalizers", ()))
    take = controller.children.take

    def late(head: Head, raw: bytes) -> None:
        if head.metadata.name != "late":
            take(head, raw)

    monkeypatch.setattr(controller.children.collection, "_on_put", late)
    owner = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "name": "fleet",
        "uid": made["metadata"]["uid"],
        "controller": True,
    }
    await lab.client.create(APPLICATIONS, an_app("late", ownerReferences=[owner]), lab.namespace)
    await lab.client.delete(APPLICATION_SETS, "fleet", lab.namespace)
    await lab.until(
        lambda: lab.client.find(APPLICATION_SETS, "fleet", lab.namespace),
        lambda found: found is None,
        what="the end of the set",
    )
    apps = await lab.apps()
    assert set(apps) == {"one", "late"}
    assert not any(app["metadata"].get("ownerReferences") for app in apps.values())


async def test_what_kubernetes_refuses_is_words_on_the_set_until_it_does_no_more(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.start()
    await lab.create_set("fleet", listed("one"))
    await lab.until_up_to_date("fleet")

    async def refuse(*_: Any) -> NoReturn:
        raise ForbiddenError("applicationsets is forbidden: no")

    with monkeypatch.context() as patched:
        patched.setattr(Marks, "clear_refresh", refuse)
        await lab.change_set("fleet", {"metadata": {"annotations": {REFRESH: "true"}}})
        told = await lab.until_set(
            "fleet", lambda aset: "KubernetesError" in conditions(aset)["ErrorOccurred"]
        )
        assert "applicationsets is forbidden" in conditions(told)["ErrorOccurred"]
        assert conditions(told)["ParametersGenerated"].startswith("True"), "nothing else was found out"
        assert set(await lab.apps()) == {"one"}
    await lab.until_up_to_date("fleet")


async def test_an_application_whose_cluster_is_gone_loses_its_finalizer_before_it_is_deleted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt, "APART", 0.2)
    await lab.start()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "far", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"server": "https://far.example", "name": "far"},
    }
    await lab.client.create(SECRETS, secret, lab.namespace)
    generators = [
        {"clusters": {"selector": {"matchExpressions": [{"key": SECRET_TYPE, "operator": "Exists"}]}}}
    ]
    found = template()
    found["spec"]["destination"] = {"server": "{{server}}", "namespace": "x"}
    await lab.create_set("fleet", {"spec": {"generators": generators, "template": found}})
    await lab.until_apps({"far"})
    await lab.client.delete(SECRETS, "far", lab.namespace)
    await lab.until_apps(set())
    events = await lab.until(
        lambda: lab.events("fleet"), lambda found: any(it[0] == "Deleted" for it in found), what="Events"
    )
    assert (
        "Updated",
        'Updated Application "far" finalizer before deletion, because application has an invalid destination',
    ) in events


SECRET_TYPE = "argocd.argoproj.io/secret-type"


async def test_a_controller_that_begins_finds_what_changed_while_there_was_none(lab: Lab) -> None:
    await lab.start()
    await lab.create_set("fleet", listed("one"))
    await lab.until_apps({"one"})
    await lab.stop()
    await lab.change_set("fleet", elements("one", "two"))
    assert set(await lab.apps()) == {"one"}
    await lab.start()
    await lab.until_apps({"one", "two"})
    told = await lab.until_set("fleet", lambda aset: aset.get("status", {}).get("resourcesCount") == 2)
    assert conditions(told)["ErrorOccurred"].startswith("False")


async def test_replicas_share_sets_each_written_by_one_and_one_goes_on_where_another_ended(lab: Lab) -> None:
    first, second = await lab.start(), await lab.start()
    keys = [(lab.namespace, f"set-{number}") for number in range(64)]

    def are_shared() -> bool:
        shares = [[replica.owns(key) for key in keys] for replica in (first, second)]
        return all(any(share) for share in shares) and all(map(ne, *shares))

    await lab.until(_later(are_shared), bool, what="one owner of each, and a share for both")
    names = [
        name for replica in (first, second) for name in [key[1] for key in keys if replica.owns(key)][:3]
    ]
    for name in names:
        await lab.create_set(name, listed(f"{name}-app"))
    await lab.until_apps({f"{name}-app" for name in names})
    for name in names:
        await lab.until_up_to_date(name)
    assert len([it for it in lab.writes() if it == "POST applications"]) == len(names), "each made once"
    await lab.stop(0)
    for name in names:
        await lab.change_set(name, elements(f"{name}-app", f"{name}-more"))
    await lab.until_apps({f"{name}-{it}" for name in names for it in ("app", "more")})


async def test_sets_in_allowed_namespaces_make_applications_there_and_others_are_left_alone(lab: Lab) -> None:
    await lab.start(namespaces=(f"{lab.namespace}-team-*",))
    allowed, other = f"{lab.namespace}-team-a", f"{lab.namespace}-other"
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": {"name": "fleet"}}
    for place in (other, allowed):
        await lab.client.create(
            NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place}}
        )
        await lab.client.create(APPLICATION_SETS, {**body, **listed("one")}, place)

    async def made() -> int:
        return len(await lab.client.list_all(APPLICATIONS, allowed))

    await lab.until(made, lambda count: count == 1, what="the allowed set's")
    assert await lab.client.list_all(APPLICATIONS, other) == []
    await lab.client.delete(APPLICATION_SETS, "fleet", other)


def _later(holds: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return holds()

    return look
