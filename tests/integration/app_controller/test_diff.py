"""What counts as a difference, asked of a running controller: rules of every level, and whom it asks."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import INSTALLATION_ID, TRACKING_ID
from fairlead.model.application import Application
from tests.integration.app_controller.lab import (
    CLUSTER_ROLES,
    DEPLOYMENTS,
    Document,
    Lab,
    automated,
    conditions,
    config_map,
    deployment,
)
from tests.integration.app_controller.test_economy import counted, kinds, until_quiet

COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"
PARAMETERS = "argocd-cmd-params-cm"
SERVICES = Resource(group="", version="v1", plural="services", kind="Service", namespaced=True)
DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    namespaced=False,
)
POLICIES = Resource(
    group="admissionregistration.k8s.io",
    version="v1",
    plural="mutatingadmissionpolicies",
    kind="MutatingAdmissionPolicy",
    namespaced=False,
)
BINDINGS = Resource(
    group="admissionregistration.k8s.io",
    version="v1",
    plural="mutatingadmissionpolicybindings",
    kind="MutatingAdmissionPolicyBinding",
    namespaced=False,
)
HAND = {"fieldManager": "by-hand"}


def out_of_sync(app: Application) -> set[str]:
    return {one.name for one in app.status.resources if one.status == "OutOfSync"}


def annotated(document: Document, **annotations: str) -> Document:
    """With annotations of Argo CD's, `_` for `-`."""
    named = {f"argocd.argoproj.io/{name.replace('_', '-')}": text for name, text in annotations.items()}
    return {**document, "metadata": {**document["metadata"], "annotations": named}}


async def settle(lab: Lab, data: dict[str, str]) -> None:
    """The settings, in argocd-cm."""
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": data}, lab.namespace)


async def by_hand(lab: Lab, names: Iterable[str], **data: str) -> None:
    for name in names:
        await lab.client.merge_patch(CONFIG_MAPS, name, {"data": data}, lab.workloads, params=HAND)


async def test_a_rule_of_every_level_leaves_its_field_out_and_nothing_beside_it(lab: Lab) -> None:
    names = ("pointer", "jq", "manager", "own", "by-kind", "everywhere")
    documents = [config_map(name, theirs="1", ours="1") for name in names]
    documents[3] = annotated(documents[3], ignore_differences="jsonPointers:\n- /data/theirs\n")
    rules: list[dict[str, Any]] = [
        {"kind": "ConfigMap", "name": "pointer", "jsonPointers": ["/data/theirs"]},
        {"kind": "ConfigMap", "name": "jq", "jqPathExpressions": [".data.theirs"]},
        {"kind": "ConfigMap", "name": "manager", "managedFieldsManagers": ["by-hand"]},
    ]
    await settle(
        lab,
        {
            "resource.customizations.ignoreDifferences.ConfigMap": "jsonPointers: [/data/by-kind]",
            "resource.customizations.ignoreDifferences.all": "jqPathExpressions: ['.data.everywhere']",
        },
    )
    documents[4]["data"]["by-kind"], documents[5]["data"]["everywhere"] = "1", "1"
    lab.renderer.holds(lab.repo, documents)
    await lab.create_app(ignoreDifferences=rules, **automated(selfHeal=False))
    await lab.synced()
    await by_hand(lab, names[:4], theirs="2")
    await by_hand(lab, names[4:5], **{"by-kind": "2"})
    await by_hand(lab, names[5:], everywhere="2")
    await asyncio.sleep(1.5)
    app = await lab.synced()
    assert out_of_sync(app) == set()
    await by_hand(lab, (name for name in names if name != "manager"), ours="2")
    await lab.until(lambda app: out_of_sync(app) == set(names) - {"manager"})
    rules[1] = {"kind": "ConfigMap", "name": "jq", "jqPathExpressions": ["def f: f; f"]}
    await lab.patch_app({"spec": {"ignoreDifferences": rules}})
    await lab.until(lambda app: "took too long" in conditions(app).get("ComparisonError", ""))


async def test_defaults_amounts_and_what_an_apply_replaces_whole_are_told_apart(lab: Lab) -> None:
    web = deployment(replicas=0)
    pod = web["spec"]["template"]["spec"]
    pod["containers"][0]["resources"] = {"requests": {"cpu": "0.1", "memory": "1024Ki"}}
    pod["containers"][0]["ports"] = [{"containerPort": 80}]
    service: Document = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web", "version": "1"}, "ports": [{"port": 80}]},
    }
    lab.renderer.holds(lab.repo, [web, service])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    foreign = {"spec": {"selector": {"by": "hand"}}}
    await lab.client.merge_patch(SERVICES, "web", foreign, lab.workloads, params=HAND)
    await lab.until(lambda app: out_of_sync(app) == {"web"})
    fewer = {**service, "spec": {**service["spec"], "selector": {"app": "web"}}}
    revision = await lab.renderer.commit(lab.repo, [web, fewer])
    await lab.synced(revision=revision)
    live = await lab.get(SERVICES, "web")
    assert live is not None
    assert live["spec"]["selector"] == {"app": "web"}
    same = {"spec": {"template": {"spec": {"containers": [{"name": "main", "resources": None}]}}}}
    same["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "100m"}}  # type: ignore[assignment]
    await lab.client.strategic_patch(DEPLOYMENTS, "web", same, lab.workloads, params=HAND)
    await asyncio.sleep(1)
    assert out_of_sync(await lab.synced()) == set()


async def test_what_is_not_wanted_and_what_the_cluster_writes_itself_count_only_where_they_should(
    lab: Lab,
) -> None:
    role = f"summed-{lab.namespace}"
    aggregated: Document = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": role},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"sum": role}}]},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    }
    await settle(lab, {"resource.compareoptions": "ignoreAggregatedRoles: true"})
    lab.renderer.holds(lab.repo, [aggregated, config_map()])
    await lab.create_app(**automated(prune=False))
    await lab.synced()
    extra = config_map("extra")
    mark = {TRACKING_ID: f"app:/ConfigMap:{lab.workloads}/extra", INSTALLATION_ID: lab.namespace}
    extra["metadata"]["annotations"] = {**mark, COMPARE_OPTIONS: "IgnoreExtraneous"}
    await lab.client.create(CONFIG_MAPS, extra, lab.workloads)
    app = await lab.until(lambda app: out_of_sync(app) == {"extra"})
    assert app.status.sync.status == "Synced"
    added = {"metadata": {"annotations": {COMPARE_OPTIONS: None}}}
    await lab.client.merge_patch(CONFIG_MAPS, "extra", added, lab.workloads)
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.client.delete(CLUSTER_ROLES, role)


async def test_amounts_in_fields_of_a_known_type_are_equal_however_they_are_written(lab: Lab) -> None:
    group = f"{lab.namespace}.example"
    widgets = Resource(group=group, version="v1", plural="widgets", kind="Widget", namespaced=True)
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    definition: Document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }
    widget: Document = {
        "apiVersion": f"{group}/v1",
        "kind": "Widget",
        "metadata": {"name": "w"},
        "spec": {
            "size": "0.5",
            "every": "60m",
            "pod": {"containers": [{"resources": {"limits": {"cpu": "1"}}}]},
        },
    }
    known = [
        {"field": "spec.size", "type": "core/Quantity"},
        {"field": "spec.every", "type": "meta/v1/Duration"},
        {"field": "spec.pod", "type": "core/v1/PodSpec"},
    ]
    await settle(
        lab, {f"resource.customizations.knownTypeFields.{group}_Widget": msgspec.json.encode(known).decode()}
    )
    lab.renderer.holds(lab.repo, [definition, widget])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    operator = {
        "size": "500m",
        "every": "1h0m0s",
        "pod": {"containers": [{"resources": {"limits": {"cpu": "1000m"}}}]},
    }
    await lab.client.merge_patch(widgets, "w", {"spec": operator}, lab.workloads, params=HAND)
    await asyncio.sleep(1.5)
    assert out_of_sync(await lab.synced()) == set()
    await lab.client.merge_patch(widgets, "w", {"spec": {"size": "600m"}}, lab.workloads, params=HAND)
    await lab.until(lambda app: out_of_sync(app) == {"w"})
    await lab.client.delete(DEFINITIONS, f"widgets.{group}")


def marked(lab: Lab, app: str, name: str, **annotations: str) -> Document:
    """A live object that is as the application would make it, but for who owns its fields."""
    document = config_map(name, a="1")
    mark = {TRACKING_ID: f"{app}:/ConfigMap:{lab.workloads}/{name}", INSTALLATION_ID: lab.namespace}
    document["metadata"]["annotations"] = {**mark, **annotations}
    return document


async def test_the_server_is_asked_where_that_is_said_and_the_nearest_word_counts(
    lab: Lab, tmp_path: Path
) -> None:
    off = "ServerSideDiff=false"
    says = {"silent": "", "asks": "ServerSideDiff=true", "asks-not": off}
    objects = {app: [f"{app}-plain", f"{app}-own"] for app in says}
    for app, names in objects.items():
        own = {COMPARE_OPTIONS: "ServerSideDiff=true" if app != "asks" else off}
        wanted = [config_map(names[0], a="1"), config_map(names[1], a="1")]
        wanted[1]["metadata"]["annotations"] = own
        lab.renderer.holds(f"{lab.repo}/{app}", wanted)
        await lab.client.create(CONFIG_MAPS, marked(lab, app, names[0]), lab.workloads)
        await lab.client.create(CONFIG_MAPS, marked(lab, app, names[1], **own), lab.workloads)

    async def asked(proxy: Any, begun: int) -> set[str]:
        await until_quiet(lab, proxy)
        tried = [line for line in proxy.requests[begun:] if "dryRun" in line and "/configmaps/" in line]
        return {line.partition("/configmaps/")[2].partition("?")[0] for line in tried}

    async with counted(lab, tmp_path) as proxy:
        begun = len(proxy.requests)
        for app, text in says.items():
            source = {"repoURL": f"{lab.repo}/{app}", "path": "."}
            annotations = {COMPARE_OPTIONS: text} if text else {}
            await lab.create_app(app, source=source, annotations=annotations)
            await lab.until(lambda app: app.status.sync.status == "Synced", app)
        assert await asked(proxy, begun) == {"silent-own", "asks-plain", "asks-not-own"}
        assert not kinds([line for line in proxy.requests[begun:] if "configmaps" in line])[
            "PATCH configmaps"
        ]
    system = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": PARAMETERS},
        "data": {"controller.diff.server.side": "true"},
    }
    await lab.client.apply(CONFIG_MAPS, PARAMETERS, system, lab.namespace, field_manager="test")
    async with counted(lab, tmp_path) as proxy:
        begun = len(proxy.requests)
        for names in objects.values():
            await by_hand(lab, names, foreign="1")
        by_server = {"silent-plain", "silent-own", "asks-plain", "asks-not-own"}
        async with asyncio.timeout(120):
            while not by_server <= (found := await asked(proxy, begun)):
                await asyncio.sleep(0.1)
        assert not found & {"asks-own", "asks-not-plain"}


async def test_what_the_cluster_adds_to_every_write_counts_only_where_that_is_asked_for(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(a="1")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    name = f"adds-{lab.namespace}"
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": ["configmaps"],
    }
    adds = "Object{data: {'added': '1'}}"
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {
                "resourceRules": [rule],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": lab.workloads}},
            },
            "failurePolicy": "Ignore",
            "reinvocationPolicy": "Never",
            "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": adds}}],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name},
    }
    await lab.client.create(POLICIES, policy)
    await lab.client.create(BINDINGS, binding)
    try:
        await _until_added(lab)
        asks = {COMPARE_OPTIONS: "ServerSideDiff=true", "argocd.argoproj.io/refresh": "normal"}
        await lab.patch_app({"metadata": {"annotations": asks}})
        await lab.until(lambda app: "argocd.argoproj.io/refresh" not in app.metadata.annotations)
        assert out_of_sync(await lab.app()) == set()
        include = {COMPARE_OPTIONS: "ServerSideDiff=true,IncludeMutationWebhook=true"}
        await lab.patch_app({"metadata": {"annotations": include}})
        await lab.until(lambda app: out_of_sync(app) == {"settings"})
    finally:
        await lab.client.delete(BINDINGS, name)
        await lab.client.delete(POLICIES, name)


async def _until_added(lab: Lab) -> None:
    """The policy acts some moments after it was made."""
    probe = config_map("probe")
    async with asyncio.timeout(60):
        while True:
            answer = await lab.client.apply(
                CONFIG_MAPS, "probe", probe, lab.workloads, field_manager="test", params={"dryRun": "All"}
            )
            if msgspec.json.decode(answer.body).get("data", {}).get("added"):
                return
            await asyncio.sleep(0.2)
