"""Who is told of an application, and what it is told of its project."""

from typing import Any, cast

import msgspec

from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.notices.configuration import Configuration, read
from fairlead.notices.judging.subscriptions import Destination, Wish, Wishes
from fairlead.notifications.following.audience import Audience
from fairlead.notifications.following.configurations import MOST_OWN, Configurations
from fairlead.notifications.following.projects import NONE, Project, Projects

NOBODY = cast(KubeClient, None)


def _projects(**spec: object) -> Projects:
    projects = Projects(NOBODY, "argocd", on_change=lambda _: None)
    annotations = {"notifications.argoproj.io/subscribe.on-x.slack": "people"}
    metadata = {"name": "shop", "namespace": "argocd", "resourceVersion": "7", "annotations": annotations}
    raw = msgspec.json.encode({"metadata": metadata, "spec": {"sourceRepos": ["*"], **spec}})
    projects._take(decode_head(raw), raw)
    return projects


def test_an_application_is_told_nothing_of_a_project_that_does_not_permit_its_namespace() -> None:
    projects = _projects(sourceNamespaces=["team-*"])
    for namespace in ("argocd", "team-a"):
        assert projects.get("shop", namespace).wishes.wishes == (Wish("on-x", "slack", "people"),)
        assert projects.read("shop", namespace) is not None
    assert projects.get("shop", "stranger") == Project(version="", wishes=Wishes(), content=NONE)
    assert projects.read("shop", "stranger") is None
    assert projects.read("gone", "argocd") is None
    assert _projects(sourceNamespaces="no list").read("shop", "team-a") is None
    assert _projects().read("shop", "team-a") is None


class _Configurations:
    def __init__(self, *found: Configuration) -> None:
        self._found = found

    def of(self, namespace: str) -> tuple[Configuration, ...]:
        return self._found


def test_what_another_configuration_has_is_not_missed_in_this_one() -> None:
    told: dict[str, Any] = {"trigger.on-x": "[{when: 'true', send: [t]}]", "service.slack": "token: t"}
    control = read({"trigger.on-y": "[]", "service.slack": "token: t"}, {}, namespace="argocd")
    own = read(told, {}, namespace="team", is_own=True)
    wishes = Wishes(tuple(Wish(trigger, "slack", "a") for trigger in ("on-x", "on-y", "on-z")))
    found = Audience(cast(Configurations, _Configurations(control, own)), _projects()).of(
        "team", {}, "gone", wishes
    )
    assert [(configuration.namespace, to) for configuration, to in found] == [
        ("argocd", (Destination("on-y", "slack", "a"), Destination("on-z", "slack", "a"))),
        ("team", (Destination("on-x", "slack", "a"), Destination("on-z", "slack", "a"))),
    ]


def test_a_configuration_of_a_namespace_is_bounded_and_that_is_said() -> None:
    changed: list[str] = []
    found = Configurations(
        NOBODY, "argocd", namespaces=("team-*",), is_self_service=True, on_change=changed.append
    )
    large = {"service.slack": "token: t", "context": "a: " + "x" * MOST_OWN}
    for namespace in ("argocd", "team-a"):
        raw = msgspec.json.encode(
            {"metadata": {"name": "argocd-notifications-cm", "namespace": namespace}, "data": large}
        )
        found._take_map(decode_head(raw), raw)
    control, own = found.at("argocd"), found.at("team-a")
    assert control is not None
    assert own is not None
    assert (list(control.services), control.problems) == (["slack"], ())
    assert (list(own.services), own.is_own) == ([], True)
    assert own.problems == ("the ConfigMap or the Secret is larger than 256 KiB and has no effect",)
    assert changed == ["argocd", "team-a"]
