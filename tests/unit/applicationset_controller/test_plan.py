"""What is wanted against what is there: created, changed, left, and never taken from another."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.applicationset_controller.applying.change import Preserved, current, desired, differs
from fairlead.applicationset_controller.applying.ownership import Whose, whose
from fairlead.applicationset_controller.applying.plan import Plan, plan
from fairlead.applicationset_controller.applying.policy import Policy, policy_of
from fairlead.applicationset_controller.applying.validate import problems, summed_up
from fairlead.applicationset_controller.applying.wanted import (
    UnreadableError,
    Wanted,
    owner_reference,
    wanted,
)
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.kept import without
from fairlead.matching import pauses, pins
from fairlead.model.applicationset import ApplicationSet, ApplicationsSyncPolicy
from fairlead.model.noted import NOTED
from fairlead.rpc.waiting import Paused, Pinned
from tests.unit.applicationset_controller.made import FINALIZER, OWNER, a_set, an_application, there, want


def planned(
    found: list[Wanted],
    children: list[Child],
    *,
    aset: ApplicationSet | None = None,
    preserved: Preserved | None = None,
    policy: Policy | None = None,
    wrong: dict[str, str] | None = None,
) -> Plan:
    return plan(
        aset or a_set(),
        found,
        {child.name: child for child in children},
        problems=wrong or {},
        preserved=preserved or Preserved(),
        policy=policy or Policy(),
    )


def names(apps: tuple[Wanted, ...]) -> list[str]:
    return [app.name for app in apps]


def test_what_is_there_as_it_is_wanted_is_left_alone() -> None:
    done = planned([want("a"), want("b")], [there("a"), there("b")])
    assert done == Plan()


def test_what_is_missing_is_made_what_differs_changed_and_what_is_too_much_is_absent() -> None:
    done = planned([want("a", path="other"), want("b")], [there("a"), there("c")])
    assert names(done.creates) == ["b"]
    assert names(done.updates) == ["a"]
    assert [child.name for child in done.absent] == ["c"]


@pytest.mark.parametrize(
    "spec",
    [
        {"syncPolicy": {}},
        {"source": {"repoURL": "https://git.example/a.git", "path": "apps", "directory": {}}},
        {"project": ""},
    ],
    ids=["an empty policy", "an empty tool", "no project"],
)
def test_a_block_that_says_nothing_is_no_difference(spec: dict[str, Any]) -> None:
    assert planned([want("a")], [there("a", spec=spec)]) == Plan()


def test_labels_annotations_and_finalizers_are_overwritten() -> None:
    aset = a_set()
    app = want("a", labels={"team": "x"}, annotations={"note": "n"})
    child = there("a", labels={"mine": "1"}, annotations={"by": "hand"}, finalizers=["other"])
    to_be = desired(app, child, owner_reference(aset), Preserved())
    assert to_be.labels == {"team": "x"}
    assert to_be.annotations == {"note": "n"}
    assert to_be.finalizers == (FINALIZER,)


def test_a_pause_and_a_pin_that_somebody_set_stay_and_wake_no_set() -> None:
    held = {
        **pauses.texts_of(Paused(scope="application", until="2030-01-01T00:00:00Z", reason="INC-482")),
        **pins.texts_of(Pinned(revisions=("c1",), newer_than=("c2",))),
    }
    child = there("a", annotations={**held, "by": "hand"})
    to_be = desired(want("a", annotations={"note": "n"}), child, owner_reference(a_set()), Preserved())
    assert to_be.annotations == {**held, "note": "n"}
    assert without({**held, "note": "n"}) == {"note": "n"}
    said = {"fairlead.dev/paused-until": "2031-01-01T00:00:00Z"}
    to_be = desired(want("a", annotations=said), child, owner_reference(a_set()), Preserved())
    pinned = {name: text for name, text in held.items() if name.startswith(pins.PREFIX)}
    assert to_be.annotations == {**said, **pinned}, "a template that says something of a pause says all of it"


def test_what_is_asked_of_an_application_once_and_noted_of_it_is_kept() -> None:
    kept = {
        "notified.notifications.argoproj.io": "{}",
        "argocd.argoproj.io/refresh": "hard",
        "argocd.argoproj.io/hydrate": "normal",
        "argocd.argoproj.io/deletion-approved": "2026-01-01T00:00:00Z",
        **dict.fromkeys(NOTED, "noted"),
    }
    hooks = ["pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io/cleanup"]
    child = there("a", annotations=kept, finalizers=[*hooks, FINALIZER])
    assert planned([want("a")], [child]) == Plan()
    to_be = desired(want("a", path="other"), child, owner_reference(a_set()), Preserved())
    assert to_be.annotations == kept
    assert sorted(to_be.finalizers) == sorted([FINALIZER, *hooks])


def test_preserved_keys_stay_as_they_are_where_they_are() -> None:
    aset = a_set(preservedFields={"annotations": ["by"], "labels": ["mine"]})
    everywhere = Preserved(labels=("cost",))
    child = there("a", labels={"mine": "1", "cost": "2", "other": "3"}, annotations={"by": "hand"})
    to_be = desired(want("a", labels={"mine": "0"}), child, owner_reference(aset), everywhere.with_own(aset))
    assert to_be.labels == {"mine": "1", "cost": "2"}
    assert to_be.annotations == {"by": "hand"}
    fresh = desired(want("b", labels={"mine": "0"}), None, owner_reference(aset), everywhere.with_own(aset))
    assert fresh.labels == {"mine": "0"}


def test_the_finalizer_comes_by_itself_unless_resources_are_preserved_or_the_template_names_others() -> None:
    assert want("a").finalizers == (FINALIZER,)
    preserving = a_set(syncPolicy={"preserveResourcesOnDeletion": True})
    assert want("a", of=preserving).finalizers == ()
    assert want("a", finalizers=["own"]).finalizers == ("own",)


def test_an_application_is_made_in_its_sets_namespace_with_its_owner() -> None:
    obj = desired(want("a"), None, owner_reference(a_set()), Preserved()).fresh("a", "argocd")
    assert obj["metadata"]["namespace"] == "argocd"
    assert obj["metadata"]["ownerReferences"] == [OWNER]
    assert obj["kind"] == "Application"
    assert obj["spec"]["project"] == "default"


def test_owners_beside_the_set_stay_and_an_earlier_set_of_the_name_is_replaced() -> None:
    beside = {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "u"}
    former = {**OWNER, "uid": "uid-of-an-earlier-fleet"}
    child = there("a", owners=[former, beside])
    assert whose(child, a_set().metadata) is Whose.FORMER
    to_be = desired(want("a"), child, owner_reference(a_set()), Preserved())
    assert [owner.uid for owner in to_be.owners] == [OWNER["uid"], "u"]
    assert names(planned([want("a")], [child]).updates) == ["a"]


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([OWNER], Whose.OURS),
        ([], Whose.NOBODYS),
        ([{**OWNER, "controller": False}], Whose.NOBODYS),
        ([{**OWNER, "name": "other"}], Whose.ANOTHERS),
        ([{**OWNER, "kind": "Deployment", "apiVersion": "apps/v1"}], Whose.ANOTHERS),
    ],
)
def test_whose_an_application_is(owners: list[dict[str, Any]], expected: Whose) -> None:
    assert whose(there("a", owners=owners), a_set().metadata) is expected


@pytest.mark.parametrize("owner", [{**OWNER, "name": "other"}, {**OWNER, "uid": "earlier"}])
def test_what_is_not_the_sets_by_uid_and_name_is_never_absent(owner: dict[str, Any]) -> None:
    assert planned([], [there("a", owners=[owner])]).absent == ()


def test_an_application_on_its_way_out_is_awaited_and_not_absent() -> None:
    going = there("a", deletionTimestamp="2026-01-01T00:00:00Z")
    assert planned([want("a", path="other")], [going]) == Plan(awaited=("a",))
    assert planned([], [going]) == Plan()


def test_an_application_with_a_problem_is_neither_changed_nor_absent() -> None:
    wrong = {"a": "no such project", "b": "no such cluster"}
    done = planned([want("a", path="other"), want("b")], [there("a")], wrong=wrong)
    assert (done.creates, done.updates, done.absent) == ((), (), ())
    assert done.problems == wrong


def test_an_application_that_cannot_be_read_is_left_and_named() -> None:
    done = planned([want("a", path="other"), want("b")], [there("a", spec={"source": 7}), there("b")])
    assert done.updates == ()
    assert "cannot be read" in done.problems["a"]


@pytest.mark.parametrize(
    ("policy", "updates", "absent"),
    [
        (ApplicationsSyncPolicy.CREATE_ONLY, [], 0),
        (ApplicationsSyncPolicy.CREATE_UPDATE, ["a"], 0),
        (ApplicationsSyncPolicy.CREATE_DELETE, [], 1),
        (ApplicationsSyncPolicy.SYNC, ["a"], 1),
    ],
)
def test_a_policy_says_what_may_be_done(
    policy: ApplicationsSyncPolicy, updates: list[str], absent: int
) -> None:
    aset = a_set(syncPolicy={"applicationsSync": policy.value})
    force = policy_of(aset.spec, ApplicationsSyncPolicy.SYNC, overrides=True)
    done = planned([want("a", path="other"), want("b")], [there("a"), there("c")], policy=force)
    assert names(done.creates) == ["b"]
    assert names(done.updates) == updates
    assert len(done.absent) == absent


def test_a_set_overrides_the_controllers_policy_only_where_that_is_allowed() -> None:
    aset = a_set(syncPolicy={"applicationsSync": "sync"})
    assert policy_of(aset.spec, ApplicationsSyncPolicy.CREATE_ONLY, overrides=True) == Policy()
    assert policy_of(aset.spec, ApplicationsSyncPolicy.CREATE_ONLY, overrides=False) == Policy(
        updates=False, deletes=False
    )


def test_problems_are_said_in_argo_cds_words() -> None:
    found = [want("a"), want("a"), want("b"), want("c")]
    wrong = problems(
        a_set(),
        [*found, wanted(a_set(), {**an_application("p"), "spec": {"project": "none"}})],
        has_project=lambda name: name == "default",
        destination=lambda place: "no" if place.namespace == "c" else "",
    )
    assert wrong == {
        "a": "ApplicationSet fleet contains applications with duplicate name: a",
        "c": "application destination spec is invalid: no",
        "p": "application references project none which does not exist",
    }
    assert summed_up(wrong) == f"{wrong['a']} (and 2 more)"
    assert summed_up({"c": "one"}) == "one"


@pytest.mark.parametrize("broken", [{"spec": {"source": 7}}, {"metadata": {"name": ""}}])
def test_what_is_no_application_is_words(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        wanted(a_set(), broken)


def test_a_value_file_that_is_null_is_a_difference_only_once() -> None:
    helm = {"valuesObject": {"gone": None, "kept": 1}}
    source = {"repoURL": "https://git.example/a.git", "path": "apps", "helm": helm}
    app = wanted(a_set(), {**an_application("a"), "spec": {**an_application("a")["spec"], "source": source}})
    to_be = desired(app, None, owner_reference(a_set()), Preserved())
    assert to_be.spec["source"]["helm"] == helm
    assert not differs(
        desired(app, there("a", spec={"source": source}), owner_reference(a_set()), Preserved()),
        current(there("a", spec={"source": source})),
    )
