"""Of what is watched, only what concerns a set wakes it, and our own writes wake nobody."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.sets import REFRESH, Sets
from fairlead.kube.collection import Name
from fairlead.kube.connection import Connection
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.model.noted import LET_GO
from tests.unit.applicationset_controller.made import FINALIZER, OWNER, an_application

FLEET, OTHER = ("argocd", "fleet"), ("argocd", "other")
NOWHERE = KubeClient(Connection(server="https://127.0.0.1:1"))


class Watch:
    """Applications as a watch tells of them, and what that wakes."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Name]] = []
        self.children = Children(
            NOWHERE,
            "argocd",
            on_change=lambda key: self.heard.append(("change", key)),
            on_status=lambda key: self.heard.append(("status", key)),
            on_name=lambda name: self.heard.append(("name", name)),
        )
        self._version = 1

    def body(
        self, name: str = "a", *, status: dict[str, Any] | None = None, path: str = "apps", **metadata: Any
    ) -> bytes:
        self._version += 1
        obj = an_application(name, path=path)
        obj["metadata"] |= {
            "namespace": "argocd",
            "uid": f"uid-of-{name}",
            "resourceVersion": str(self._version),
            "finalizers": [FINALIZER],
            "ownerReferences": [OWNER],
            **metadata,
        }
        return msgspec.json.encode({**obj, "status": status or {}})

    def see(self, raw: bytes) -> list[tuple[str, Name]]:
        """What an event wakes."""
        self.heard.clear()
        self.children.take(decode_head(raw), raw)
        return list(self.heard)

    def miss(self, name: str = "a") -> list[tuple[str, Name]]:
        self.heard.clear()
        self.children.drop(("argocd", name))
        return list(self.heard)


def test_what_a_set_has_a_say_in_wakes_it_and_how_an_application_fares_is_told_apart() -> None:
    watch = Watch()
    assert ("change", FLEET) in watch.see(watch.body())
    assert watch.see(watch.body()) == []
    assert watch.see(watch.body(status={"health": {"status": "Healthy"}})) == [("status", FLEET)]
    healthy = {"health": {"status": "Healthy"}}
    assert watch.see(watch.body(status=healthy, path="other")) == [("change", FLEET)]
    assert watch.see(watch.body(status=healthy, path="other", labels={"a": "b"})) == [("change", FLEET)]
    assert ("change", FLEET) in watch.miss()


@pytest.mark.parametrize(
    "annotations", [{"argocd.argoproj.io/refresh": "normal"}, {"notified.notifications.argoproj.io": "{}"}]
)
def test_what_is_noted_of_an_application_wakes_nobody(annotations: dict[str, str]) -> None:
    watch = Watch()
    watch.see(watch.body())
    assert watch.see(watch.body(annotations=annotations)) == []


def test_what_is_older_than_what_was_seen_is_passed_over() -> None:
    watch = Watch()
    older = watch.body(path="older")
    watch.see(watch.body())
    assert watch.see(older) == []


def test_our_own_write_wakes_nobody_whichever_comes_first_its_answer_or_its_event() -> None:
    watch = Watch()
    watch.see(watch.body())
    name = "argocd", "a"
    for event_first in (True, False):
        answer = watch.body(path=f"written-{event_first}")
        with watch.children.writing(name):
            if event_first:
                assert watch.see(answer) == []
            watch.children.written(answer)
        assert [it for it in watch.heard if it[0] == "change"] == []
        assert watch.see(answer) == []
    child = watch.children.get(name)
    assert child is not None
    assert child.spec().source is not None


def test_what_another_writes_during_our_write_wakes_the_set_afterwards() -> None:
    watch = Watch()
    watch.see(watch.body())
    answer, other = watch.body(path="ours"), watch.body(path="theirs")
    with watch.children.writing(("argocd", "a")):
        assert watch.see(other) == []
        watch.children.written(answer)
    assert watch.heard == [("change", FLEET)]


def test_an_application_that_ends_during_our_write_is_gone_although_the_answer_comes_later() -> None:
    watch = Watch()
    watch.see(watch.body())
    with watch.children.writing(("argocd", "a")):
        answer = watch.body(path="ours")
        watch.miss()
        watch.children.written(answer)
        watch.heard.clear()
    assert watch.children.get(("argocd", "a")) is None
    assert ("change", FLEET) in watch.heard
    with watch.children.writing(("argocd", "a")):
        watch.miss()
        again = watch.body(uid="another")
        assert watch.see(again) == []
    assert watch.children.get(("argocd", "a")) is not None


def test_what_is_seen_while_two_sets_write_one_application_is_not_lost() -> None:
    watch = Watch()
    watch.see(watch.body())
    with watch.children.writing(("argocd", "a")):
        watch.see(watch.body(path="theirs"))
        with watch.children.writing(("argocd", "a")):
            pass
    assert watch.heard == [("change", FLEET)]


def test_an_application_that_changes_hands_wakes_both_sets_and_who_waits_for_its_name() -> None:
    watch = Watch()
    watch.see(watch.body())
    other = {**OWNER, "name": "other", "uid": "other"}
    heard = watch.see(watch.body(ownerReferences=[other]))
    assert {("change", FLEET), ("change", OTHER), ("name", ("argocd", "a"))} <= set(heard)
    assert watch.children.controller_of(("argocd", "a")) == "ApplicationSet other"
    assert ("name", ("argocd", "a")) in watch.see(watch.body(ownerReferences=[]))
    assert watch.children.controller_of(("argocd", "a")) == ""
    assert watch.see(watch.body(ownerReferences=[], status={"health": {"status": "Healthy"}})) == []
    assert watch.miss() == [("name", ("argocd", "a"))]
    assert watch.children.controller_of(("argocd", "a")) is None


def test_the_end_of_what_its_set_deleted_is_only_reported() -> None:
    watch = Watch()
    watch.see(watch.body())
    watch.children.expect_end(("argocd", "a"))
    assert watch.see(watch.body(deletionTimestamp="2026-01-01T00:00:00Z")) == [("status", FLEET)]
    assert ("change", FLEET) not in watch.miss()
    assert watch.children.count_of(FLEET) == 0


class SetWatch:
    """Sets as a watch tells of them."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.sets = Sets(
            NOWHERE,
            "argocd",
            namespaces=("team-*",),
            on_change=lambda key: self.heard.append("change"),
            on_gone=lambda key: self.heard.append("gone"),
        )
        self._version = 1

    def body(self, *, generation: int = 1, status: dict[str, Any] | None = None, **metadata: Any) -> bytes:
        self._version += 1
        return msgspec.json.encode(
            {
                "metadata": {
                    "name": "fleet",
                    "namespace": "argocd",
                    "uid": "u",
                    "resourceVersion": str(self._version),
                    "generation": generation,
                    **metadata,
                },
                "spec": {"generators": [], "template": {"metadata": {}, "spec": {}}},
                "status": status or {},
            }
        )

    def see(self, raw: bytes) -> list[str]:
        self.heard.clear()
        self.sets.take(decode_head(raw), raw)
        return list(self.heard)


def test_a_set_is_woken_by_what_people_write_and_not_by_its_own_report() -> None:
    watch = SetWatch()
    assert watch.see(watch.body()) == ["change"]
    assert watch.see(watch.body(status={"resourcesCount": 3})) == []
    assert watch.see(watch.body(annotations={LET_GO: "x"})) == []
    assert watch.see(watch.body(annotations={REFRESH: "true"})) == ["change"]
    assert watch.see(watch.body()) == [], "taken away when it was done"
    assert watch.see(watch.body(annotations={"note": "n"})) == ["change"]
    assert watch.see(watch.body(generation=2, annotations={"note": "n"})) == ["change"]


def test_a_set_that_cannot_be_read_is_known_with_words() -> None:
    watch = SetWatch()
    raw = watch.body().replace(b'"generators":[]', b'"generators":7')
    assert watch.see(raw) == ["change"]
    known = watch.sets.get(FLEET)
    assert known is not None
    assert "ApplicationSet" in known.unreadable


@pytest.mark.parametrize(("namespace", "ours"), [("team-a", True), ("other", False)])
def test_sets_beside_the_control_plane_are_followed_where_they_are_allowed(
    namespace: str, *, ours: bool
) -> None:
    watch = SetWatch()
    assert watch.see(watch.body(namespace=namespace)) == (["change"] if ours else [])
