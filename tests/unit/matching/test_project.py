"""What projects allow."""

from __future__ import annotations

from typing import Any, cast

import pytest

from fairlead.matching.project import (
    is_destination_permitted,
    is_kind_permitted,
    is_namespace_permitted_for_apps,
    is_resource_permitted,
    is_source_permitted,
)
from fairlead.model.appproject import AppProject, AppProjectSpec, ClusterResource, NamespaceResource
from fairlead.model.metadata import ObjectMeta
from fairlead.model.status import Destination

LOCAL = "https://kubernetes.default.svc"


def project(**spec: Any) -> AppProject:
    return AppProject(metadata=ObjectMeta(name="p"), spec=AppProjectSpec(**spec))


@pytest.mark.parametrize(
    ("rules", "url", "allowed"),
    [
        (("*",), "https://git/a/b", True),
        ((), "https://git/a/b", False),
        (("https://git/a/*",), "https://GIT/a/B.git", True),
        (("https://git/a/*.git",), "https://git/a/b", True),
        (("https://git/a/**",), "https://git/a/../secret/x", False),
        (("https://git/a/**",), "https://git/a/%2E%2e/secret/x", False),
        (("https://git/*",), "https://git/a/b", False),
        (("https://git/**",), "https://git/a/b", True),
        (("*", "!https://git/secret/*"), "https://git/secret/x", False),
        (("*", "!https://git/secret/*"), "https://git/open/x", True),
        (("!https://git/secret/*",), "https://git/open/x", False),
        (("https://*.corp.example/**",), "https://git.corp.example/a/b", True),
        (("https://*.corp.example/**",), "https://evil.example?.corp.example/x", False),
        (("https://*.corp.example/**",), "https://evil.example:443#.corp.example/x", False),
        (("https://git.io:*/**",), "https://git.io:8443/a/b", True),
        (("https://git.io:*/**",), "https://git.io:x@evil.example/y", False),
        (("https://me@git.io/a",), "https://me@git.io/a", True),
        (("*", "!https://git.io/secret/**"), "https://any@git.io/secret/x", False),
        (("*", "!https://git.io/secret/**"), "https://git.io:443/secret/x", False),
        (("*", "!https://git.io/secret/**"), "https://git.io//secret//x", False),
        (("*", "!https://git.io/secret/**"), "https://git.io/%73ecret/x", False),
        (("*", "!https://git.io/secret/x"), "https://git.io/secret/%78.git", False),
        (("*", "!https://git.io/secret/**"), "https://git.io:8443/secret/x", True),
        (("git@git.io:team/*",), "ssh://git@git.io/team/app.git", True),
        (("ssh://git@git.io/team/*",), "git@git.io:team/app", True),
    ],
)
def test_sources(rules: tuple[str, ...], url: str, allowed: bool) -> None:
    assert is_source_permitted(project(source_repos=rules), url) is allowed


@pytest.mark.parametrize(
    ("rules", "namespace", "allowed"),
    [
        ([("*", "", "*")], "shop", True),
        ([("", "in-cluster", "shop")], "shop", True),
        ([("", "in-cluster", "shop")], "other", False),
        ([("https://*.svc", "", "shop-*")], "shop-a", True),
        ([("*", "", "*"), ("*", "", "!kube-*")], "kube-system", False),
        ([("*", "", "*"), ("*", "", "!kube-*")], "shop", True),
        ([("*", "", "*"), ("!" + LOCAL, "", "*")], "shop", False),
        ([("*", "", "*"), ("!" + LOCAL, "", "kube-*")], "shop", True),
        ([("*", "", "*"), ("", "!in-*", "*")], "shop", False),
        ([], "shop", False),
    ],
)
def test_destinations(rules: list[tuple[str, str, str]], namespace: str, allowed: bool) -> None:
    entries = tuple(Destination(server=server, name=name, namespace=place) for server, name, place in rules)
    found = is_destination_permitted(
        project(destinations=entries), server=LOCAL + "/", cluster_name="in-cluster", namespace=namespace
    )
    assert found is allowed


EVERYWHERE = (Destination(server="*", namespace="*"),)


def permitted(kind: str, *, namespaced: bool, group: str = "", name: str = "a", **spec: Any) -> bool:
    return is_resource_permitted(
        project(**{"destinations": EVERYWHERE, **spec}),
        group=group,
        kind=kind,
        namespace="shop" if namespaced else "",
        name=name,
        namespaced=namespaced,
        server=LOCAL,
        cluster_name="in-cluster",
    )


def test_cluster_scoped_kinds_need_to_be_listed_and_no_destination() -> None:
    assert not permitted("Namespace", namespaced=False)
    listed: dict[str, Any] = {
        "cluster_resource_whitelist": (ClusterResource(group="", kind="Namespace", name="shop-*"),)
    }
    assert permitted("Namespace", namespaced=False, name="shop-a", destinations=(), **listed)
    assert not permitted("Namespace", namespaced=False, name="kube-system", **listed)
    both: dict[str, Any] = {**listed, "cluster_resource_blacklist": (ClusterResource(group="*", kind="*"),)}
    assert not permitted("Namespace", namespaced=False, name="shop-a", **both)


def test_no_list_of_namespaced_kinds_allows_all_and_an_empty_one_none() -> None:
    assert permitted("ConfigMap", namespaced=True)
    assert not permitted("ConfigMap", namespaced=True, namespace_resource_whitelist=())
    apps = (NamespaceResource(group="apps", kind="*"),)
    assert permitted("Deployment", namespaced=True, group="apps", namespace_resource_whitelist=apps)
    assert not permitted("Deployment", namespaced=True, group="apps", namespace_resource_blacklist=apps)
    assert not permitted("ConfigMap", namespaced=True, destinations=())
    assert not is_kind_permitted(project(namespace_resource_blacklist=apps), group="apps", kind="Deployment")


def test_applications_elsewhere_need_their_namespace_listed() -> None:
    globs = project(source_namespaces=("team-*", "/^squad-[0-9]+$/", "/(/"))
    for namespace, allowed in (
        ("team-a", True),
        ("squad-7", True),
        ("squad-x", False),
        ("argocd", True),
        ("", True),
    ):
        assert is_namespace_permitted_for_apps(globs, namespace, "argocd") is allowed


UNREADABLE = "{kube-system,default"
DEEP = "https://**/a/**/b/**/c/**"


def test_a_deny_rule_that_cannot_be_read_denies_everything() -> None:
    assert not is_source_permitted(project(source_repos=("*", "!https://git/{a")), "https://git/b")
    assert not is_source_permitted(project(source_repos=("*", f"!{DEEP}")), "https://x/a/y/b/z/c/d")
    assert not is_source_permitted(project(source_repos=("https://git/{a",)), "https://git/{a")
    everywhere = Destination(server="*", namespace="*")
    for entry in (
        Destination(server="*", namespace=f"!{UNREADABLE}"),
        Destination(server="!https://{x", namespace="*"),
        Destination(server=f"!{LOCAL}", namespace=UNREADABLE),
    ):
        rules = project(destinations=(everywhere, entry))
        assert not is_destination_permitted(rules, server=LOCAL, cluster_name="", namespace="shop")
    kinds = project(
        destinations=(everywhere,),
        cluster_resource_whitelist=(ClusterResource(group="*", kind="*"),),
        namespace_resource_blacklist=(NamespaceResource(group="*", kind="{Secret"),),
        cluster_resource_blacklist=(ClusterResource(group="*", kind="Node", name="{a"),),
    )
    for kind, namespaced, allowed in (
        ("Secret", True, False),
        ("Node", False, False),
        ("Lease", False, True),
    ):
        place = {"namespace": "shop" if namespaced else "", "name": "n", "namespaced": namespaced}
        permitted = is_resource_permitted(
            kinds, group="", kind=kind, server=LOCAL, cluster_name="", **cast(Any, place)
        )
        assert permitted is allowed, kind
