"""Projects, applications and objects, drawn from few words so that rules and objects meet often."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.unit.matching.project_oracle import CONTROL, Object, Spec, World

SERVERS = {"https://one.example": "one", "https://two.example:6443": "two"}
NAMESPACES = ("shop", "shop-test", "pay", "kube-system")
PLACES = (
    "*",
    "shop",
    "shop-*",
    "{shop,pay}",
    "pay",
    "!kube-system",
    "!shop",
    "!shop-*",
    "kube-*",
    "?hop",
    "",
)
SERVER_RULES = ("*", "https://one.*", "https://one.example", "https://two.example:6443", "!https://two*", "")
NAME_RULES = ("", "", "one", "t?o", "*", "!one", "{one,two}")
KINDS = (
    ("", "ConfigMap"),
    ("", "Secret"),
    ("apps", "Deployment"),
    ("batch", "Job"),
    ("networking.k8s.io", "NetworkPolicy"),
)
CLUSTER_KINDS = (
    ("", "Namespace"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
)
GROUPS = ("*", "", "apps", "batch", "*.k8s.io", "rbac.*", "{apps,batch}", "apiextensions.k8s.io")
KIND_RULES = (
    "*",
    "ConfigMap",
    "Secret",
    "Job",
    "Deploy*",
    "Namespace",
    "Cluster*",
    "{Secret,ConfigMap}",
    "*s",
)
NAMES = ("shop", "shop-test", "admin", "team-reader")
NAME_GLOBS = ("", "", "*", "shop", "shop-*", "team-*")
REPOSITORIES = (
    "https://git.example/team/config.git",
    "https://git.example/team/deep/config",
    "https://GIT.example/other/app",
    "git@git.example:team/config.git",
    "https://charts.example/stable",
)
SOURCES = (
    "*",
    "https://git.example/*",
    "https://git.example/team/*",
    "https://git.example/**",
    "https://git.example/team/config",
    "https://*.example/**",
    "git@git.example:team/*",
    "!https://git.example/team/deep/**",
    "!https://git.example/other/*",
    "https://charts.example/stable",
)
APP_NAMESPACES = (CONTROL, CONTROL, "team-a", "team-b", "squad-7")
SOURCE_NAMESPACES = ("team-*", "team-a", "*", "*", "/^squad-[0-9]+$/", "/b$/")


def some(random: Random, words: tuple[Any, ...], most: int, *, least: int = 0) -> list[Any]:
    return [random.choice(words) for _ in range(random.randint(least, most))]


def kind_rules(random: Random, most: int, *, named: bool = False) -> list[dict[str, str]]:
    found = []
    for _ in range(random.randint(0, most)):
        rule = {"group": random.choice(GROUPS), "kind": random.choice(KIND_RULES)}
        if named and (name := random.choice(NAME_GLOBS)):
            rule["name"] = name
        found.append(rule)
    return found


def destinations(random: Random) -> list[dict[str, str]]:
    found = []
    for _ in range(random.randint(1, 3)):
        entry = {
            "server": random.choice(SERVER_RULES),
            "name": random.choice(NAME_RULES),
            "namespace": random.choice(PLACES),
        }
        if entry not in found:
            found.append({key: value for key, value in entry.items() if value})
    if random.random() < 0.8:
        found.append({"server": "*", "namespace": random.choice(("*", "*", "shop*"))})
    return found


def project(random: Random) -> Spec:
    spec: Spec = {
        "sourceRepos": some(random, SOURCES, 3, least=1),
        "destinations": destinations(random),
        "clusterResourceWhitelist": kind_rules(random, 3, named=True),
        "clusterResourceBlacklist": kind_rules(random, 1, named=True),
        "namespaceResourceBlacklist": kind_rules(random, 1),
        "sourceNamespaces": some(random, SOURCE_NAMESPACES, 2),
    }
    if random.random() < 0.35:
        spec["namespaceResourceWhitelist"] = kind_rules(random, 3)
    if random.random() < 0.4:
        spec["clusterResourceWhitelist"] = [{"group": "*", "kind": "*"}]
    if random.random() < 0.15:
        spec["permitOnlyProjectScopedClusters"] = True
    return spec


def giver(random: Random) -> Spec:
    """A global project: few rules, which its heirs get behind their own."""
    whole = project(random)
    names = [name for name in whole if name not in ("permitOnlyProjectScopedClusters", "sourceNamespaces")]
    return {name: whole[name] for name in random.sample(names, 2)}


def world(random: Random) -> World:
    server, cluster = random.choice(list(SERVERS.items()))
    scoped = random.choice(("", "", "team", "another"))
    return World(
        app_namespace=random.choice(APP_NAMESPACES),
        home=random.choice((*NAMESPACES, *NAMESPACES, "")),
        server=server,
        cluster=cluster,
        cluster_project=scoped,
        own_servers=(server,) if scoped == "team" else (),
        own_repositories=(random.choice(REPOSITORIES),) if random.random() < 0.2 else (),
    )


def thing(random: Random, home: str) -> Object:
    if random.random() < 0.35:
        return Object(*random.choice(CLUSTER_KINDS), "", random.choice(NAMES))
    place = home if home and random.random() < 0.6 else random.choice(NAMESPACES)
    return Object(*random.choice(KINDS), place, random.choice(NAMES))
