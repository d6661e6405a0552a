"""The chart's objects: what Helm renders, what our own engine renders, what a real API server takes."""

from collections import Counter
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import yaml

from fairlead.bus import topology
from fairlead.keys.wanted import names
from fairlead.local import plain_manifests
from fairlead.local.control_plane import ControlPlane
from tests.integration.chart.helm import CHART, ROOT, Helm, HelmError

VERSION = "1.36.3"
SETS, NOTIFICATIONS = "argocd-applicationset-controller", "argocd-notifications-controller"
COMMIT = "argocd-commit-server"
CACHING = {"argocd-server", "argocd-repo-server", "argocd-application-controller"}
CLIENTS = {*CACHING, SETS, NOTIFICATIONS}
SERVICES_OF_VALUES = ("repoServer", "applicationController", "server", "applicationSet", "notifications")

Object = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def offline(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm without a cluster."""
    folder = tmp_path_factory.mktemp("helm-offline")
    return await Helm.against(folder / "none", "argocd", folder)


async def rendered(helm: Helm, **values: object) -> list[Object]:
    text = await helm("template", "fairlead", str(CHART), f"--kube-version={VERSION}", values=values)
    return [item for item in yaml.load_all(text, Loader=yaml.CSafeLoader) if item]


def named(objects: list[Object]) -> dict[str, Object]:
    names = [f"{item['kind']}/{item['metadata']['name']}" for item in objects]
    assert max(Counter(names).values()) == 1
    return dict(zip(names, objects, strict=True))


def pods(objects: list[Object]) -> dict[str, Object]:
    kinds = {"Deployment", "StatefulSet"}
    return {item["metadata"]["name"]: item["spec"]["template"] for item in objects if item["kind"] in kinds}


async def test_our_engine_renders_the_chart_as_helm_does_and_twice_the_same(
    offline: Helm,
) -> None:
    objects = named(await rendered(offline))
    assert objects == named(await rendered(offline))
    ((_, by_our_engine),) = await plain_manifests.rendered(ROOT, plain_manifests.BUNDLES[:1])
    assert objects == named(by_our_engine)


async def test_the_chart_has_what_argo_cd_installs_by_the_same_names(offline: Helm) -> None:
    objects = named(await rendered(offline))
    assert {
        "Deployment/argocd-server",
        "Deployment/argocd-repo-server",
        "StatefulSet/argocd-application-controller",
        "Service/argocd-server",
        "Service/argocd-metrics",
        "Service/argocd-application-controller",
        "Deployment/argocd-applicationset-controller",
        "Service/argocd-applicationset-controller",
        "Deployment/argocd-notifications-controller",
        "Service/argocd-notifications-controller-metrics",
        "ServiceAccount/argocd-applicationset-controller",
        "NetworkPolicy/argocd-notifications-controller-network-policy",
        "NetworkPolicy/argocd-server-network-policy",
        "ConfigMap/argocd-cm",
        "Secret/argocd-secret",
        "CustomResourceDefinition/applications.argoproj.io",
    } <= objects.keys()


async def test_every_object_is_valid_to_the_api_server(offline: Helm, control_plane: ControlPlane) -> None:
    replicas = {"replicas": 2}
    objects = await rendered(offline, insecure=True, server=replicas, repoServer=replicas)
    namespaced = [item for item in objects if not item["kind"].startswith(("Cluster", "Custom"))]
    manifest = b"\n---\n".join(msgspec.json.encode(item) for item in namespaced)
    await control_plane.kubectl("create", "namespace", "argocd-chart")
    replaced = manifest.replace(b'"namespace":"argocd"', b'"namespace":"argocd-chart"')
    output = await control_plane.kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", stdin=replaced
    )
    assert len(output.splitlines()) == len(namespaced)


async def test_no_service_but_the_controller_may_touch_the_cluster_and_none_when_that_is_said(
    offline: Helm,
) -> None:
    objects = await rendered(offline)
    bound = [item["subjects"][0]["name"] for item in objects if item["kind"] == "ClusterRoleBinding"]
    assert bound == ["argocd-application-controller"]
    assert not [
        item for item in await rendered(offline, clusterScope=False) if item["kind"].startswith("ClusterRole")
    ]


async def test_no_namespace_is_made_or_labelled(offline: Helm) -> None:
    """Labels of a namespace are rights of whoever may read by them."""
    assert "Namespace" not in {item["kind"] for item in await rendered(offline)}


@pytest.mark.parametrize(
    ("value", "name"),
    [("server", "argocd-server"), ("applicationSet", SETS), ("notifications", NOTIFICATIONS)],
)
async def test_of_a_service_that_is_switched_off_nothing_is_left(
    offline: Helm, value: str, name: str
) -> None:
    objects = await rendered(offline, **{value: {"enabled": False, "anyNamespace": True}})
    assert not [item for item in objects if item["metadata"]["name"].startswith(name)]
    assert name not in str([item for item in objects if item["kind"] == "NetworkPolicy"])


@pytest.mark.parametrize(
    ("value", "name"),
    [("server", "argocd-server"), ("applicationSet", SETS), ("notifications", NOTIFICATIONS)],
)
async def test_rights_in_all_namespaces_are_given_where_they_are_asked_for_and_to_that_service(
    offline: Helm, value: str, name: str
) -> None:
    objects = named(await rendered(offline, **{value: {"anyNamespace": True}}))
    made = objects.keys() - named(await rendered(offline)).keys()
    assert made == {f"ClusterRole/{name}-applications", f"ClusterRoleBinding/{name}-applications"}
    (subject,) = objects[f"ClusterRoleBinding/{name}-applications"]["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": name, "namespace": "argocd"}


async def test_what_generators_and_messages_may_reach_is_told_when_that_is_said(offline: Helm) -> None:
    def said(objects: list[Object], name: str) -> dict[str, str]:
        [container] = pods(objects)[name]["spec"]["containers"]
        return {entry["name"]: entry["value"] for entry in container["env"] if "NETWORKS" in entry["name"]}

    networks = {"networks": {"opened": ["127.0.0.0/8", "169.254.7.0/24"], "closed": ["10.0.0.0/8"]}}
    for value, name in (("applicationSet", SETS), ("notifications", NOTIFICATIONS)):
        assert said(await rendered(offline), name) == {}
        assert said(await rendered(offline, **{value: networks}), name) == {
            "FAIRLEAD_NETWORKS_OPENED": "127.0.0.0/8,169.254.7.0/24",
            "FAIRLEAD_NETWORKS_CLOSED": "10.0.0.0/8",
        }


async def test_the_api_is_told_where_dex_is_when_that_is_said(offline: Helm) -> None:
    def said(objects: list[Object]) -> list[str]:
        [container] = pods(objects)["argocd-server"]["spec"]["containers"]
        return [each["value"] for each in container["env"] if each["name"] == "FAIRLEAD_DEX_SERVER"]

    assert said(await rendered(offline)) == []
    address = "https://dex.login.svc:5556"
    assert said(await rendered(offline, server={"dexServer": address})) == [address]


async def test_the_controller_is_told_of_processes_and_programs_when_that_is_said(offline: Helm) -> None:
    def said(objects: list[Object]) -> dict[str, str]:
        [container] = pods(objects)["argocd-application-controller"]["spec"]["containers"]
        told = {each["name"]: each["value"] for each in container["env"] if "value" in each}
        return {
            name: told[name] for name in ("FAIRLEAD_PROCESSES", "FAIRLEAD_CLUSTER_PROGRAMS") if name in told
        }

    assert said(await rendered(offline)) == {}, "else the ConfigMap would say nothing"
    values = {"processes": 2, "clusterPrograms": ["gke-gcloud-auth-plugin", "/opt/aws"]}
    objects = await rendered(offline, applicationController={**values, "podLabels": {"a": "b"}})
    assert said(objects) == {
        "FAIRLEAD_PROCESSES": "2",
        "FAIRLEAD_CLUSTER_PROGRAMS": "gke-gcloud-auth-plugin,/opt/aws",
    }
    assert pods(objects)["argocd-application-controller"]["metadata"]["labels"]["a"] == "b"
    for wrong in (
        {"processes": -1},
        {"processes": "2"},
        {"clusterPrograms": ["a,b"]},
        {"clusterPrograms": "a"},
    ):
        with pytest.raises(HelmError):
            await rendered(offline, applicationController=wrong)


async def test_each_service_is_given_its_own_password_and_the_keys_it_shares(offline: Helm) -> None:
    keys = {
        name: {
            entry["valueFrom"]["secretKeyRef"]["key"]
            for container in template["spec"]["containers"]
            for entry in container["env"]
            if "secretKeyRef" in entry.get("valueFrom", {})
        }
        for name, template in pods(await rendered(offline)).items()
    }
    shared = {"redis-password", "cache-key"}
    assert keys == {
        "argocd-server": {"nats-api-server", *shared},
        "argocd-repo-server": {"nats-repo-server", "credentials-key", *shared},
        "argocd-application-controller": {"nats-app-controller", "credentials-key", *shared},
        SETS: {"nats-applicationset-controller"},
        NOTIFICATIONS: {"nats-notifications"},
        "argocd-redis": {"redis-password"},
        "argocd-nats": {f"nats-{grant.service}" for grant in topology.GRANTS}
        - {"nats-commit-server", "nats-preview"},
    }


async def test_the_keys_of_an_operators_own_secret_are_all_that_the_pods_read(offline: Helm) -> None:
    asked = {"commitServer": {"enabled": True}, "preview": {"enabled": True}}
    objects = await rendered(offline, secrets={"existing": "mine"}, **asked)
    read = set()
    for template in pods(objects).values():
        spec = template["spec"]
        assert "initContainers" not in spec
        for container in spec["containers"]:
            sources = [entry.get("valueFrom", {}).get("secretKeyRef") for entry in container.get("env", ())]
            read |= {(source["name"], source["key"]) for source in sources if source}
        for volume in spec["volumes"]:
            for item in volume.get("secret", {}).get("items", ()):
                read.add((volume["secret"]["secretName"], item["key"]))
    assert read == {("mine", name) for name in names() if name != "nats-routes"}
    assert "Role/argocd-nats" not in named(objects)


async def test_only_where_they_are_wanted_there_are_previews_which_read_three_objects_by_name(
    offline: Helm,
) -> None:
    name = "argocd-preview-controller"
    without = named(await rendered(offline))
    assert not [each for each in without if name in each]
    objects = named(
        await rendered(offline, preview={"enabled": True, "networks": {"closed": ["10.0.0.0/8"]}})
    )
    kinds = ("Deployment", "ServiceAccount", "Role", "RoleBinding")
    assert objects.keys() - without.keys() == {
        *(f"{kind}/{name}" for kind in kinds),
        f"Service/{name}-metrics",
        f"NetworkPolicy/{name}-network-policy",
    }
    [container] = objects[f"Deployment/{name}"]["spec"]["template"]["spec"]["containers"]
    keys = {
        entry["valueFrom"]["secretKeyRef"]["key"]
        for entry in container["env"]
        if "secretKeyRef" in entry.get("valueFrom", {})
    }
    assert keys == {"nats-preview", "cache-key"}
    rules = objects[f"Role/{name}"]["rules"]
    named_objects = {each for rule in rules for each in rule.get("resourceNames", ())}
    assert named_objects == {"argocd-cm", "argocd-tls-certs-cm", "argocd-preview-secret"}
    assert [rule["resources"] for rule in rules if "resourceNames" not in rule] == [["leases"]]
    egress = str(objects[f"NetworkPolicy/{name}-network-policy"]["spec"]["egress"])
    assert ("argocd-nats" in egress, "argocd-redis" in egress) == (True, False)


async def test_only_where_it_is_wanted_there_is_a_commit_server_which_alone_is_given_what_writes(
    offline: Helm,
) -> None:
    without = named(await rendered(offline))
    assert not [name for name in without if COMMIT in name]
    values = {"enabled": True, "volumes": [{"name": "key", "secret": {"secretName": "signing"}}]}
    objects = named(await rendered(offline, commitServer=values))
    made = objects.keys() - without.keys()
    assert made == {f"{kind}/{COMMIT}" for kind in ("Deployment", "Service", "ServiceAccount")} | {
        f"NetworkPolicy/{COMMIT}-network-policy"
    }
    assert objects["ConfigMap/argocd-cmd-params-cm"]["data"] == {"hydrator.enabled": "true"}
    spec = objects[f"Deployment/{COMMIT}"]["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False, "it has no right in the cluster"
    assert values["volumes"][0] in spec["volumes"]
    given = {
        name: {entry["name"] for each in template["spec"]["containers"] for entry in each.get("env", ())}
        for name, template in pods(list(objects.values())).items()
    }
    has_key = {name for name, env in given.items() if "FAIRLEAD_WRITE_CREDENTIALS_SECRET" in env}
    assert has_key == {COMMIT, "argocd-application-controller"}
    assert "FAIRLEAD_CREDENTIALS_SECRET" not in given[COMMIT]
    assert {"FAIRLEAD_SIGNING_KEY", "FAIRLEAD_SIGNING_KEY_PASSPHRASE_FILE"} <= given[COMMIT]


async def test_no_password_stands_in_an_object_or_among_arguments(offline: Helm) -> None:
    objects = await rendered(offline)
    assert not [
        item for item in objects if item["kind"] == "Secret" and (item.get("data") or item.get("stringData"))
    ]
    words = [
        word
        for template in pods(objects).values()
        for container in template["spec"]["containers"]
        for word in (*container.get("args", ()), *container.get("command", ()))
    ]
    assert not [word for word in words if "$(" in word or "--requirepass" in word]


async def test_every_container_is_restricted_probed_and_ends_within_its_grace(offline: Helm) -> None:
    for name, template in pods(await rendered(offline)).items():
        spec = template["spec"]
        assert spec["terminationGracePeriodSeconds"] >= 10, name
        for container in (*spec["containers"], *spec.get("initContainers", ())):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name
            assert not container["image"].endswith((":latest", "-alpine:")), name
        for container in spec["containers"]:
            assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys(), name


@pytest.mark.parametrize("has_commit_server", [False, True])
async def test_policies_let_through_the_arrows_of_the_design_and_nothing_else(
    offline: Helm, has_commit_server: bool
) -> None:
    objects = named(await rendered(offline, commitServer={"enabled": has_commit_server}))
    further = {COMMIT} if has_commit_server else set()
    arrows = set()
    for item in objects.values():
        if item["kind"] != "NetworkPolicy":
            continue
        assert item["spec"]["policyTypes"] == ["Ingress", "Egress"]
        to = item["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in item["spec"]["ingress"]:
            (port,) = [entry["port"] for entry in rule["ports"]]
            for peer in rule.get("from", [{"anywhere": True}]):
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                arrows.add((labels.get("app.kubernetes.io/name", next(iter(peer))), to, port))
    metrics = {("namespaceSelector", name, "probes") for name in CLIENTS | further}
    nats = {(name, "argocd-nats", "nats") for name in CLIENTS | further}
    redis = {(name, "argocd-redis", "redis") for name in CACHING | further}
    doors = {("anywhere", "argocd-server", "api"), ("anywhere", SETS, "webhook")}
    assert arrows == metrics | nats | redis | doors
    policies = {
        name.split("/")[1].removesuffix("-network-policy") for name in objects if "NetworkPolicy" in name
    }
    assert policies == set(pods(list(objects.values())))


async def test_replicas_are_kept_apart_and_may_not_all_be_drained_at_once(offline: Helm) -> None:
    objects = named(await rendered(offline, server={"replicas": 2}))
    assert "PodDisruptionBudget/argocd-server" in objects
    assert "PodDisruptionBudget/argocd-repo-server" not in objects
    spec = objects["Deployment/argocd-server"]["spec"]["template"]["spec"]
    assert "podAntiAffinity" in spec["affinity"]


async def test_what_is_said_for_all_pods_holds_for_all_and_a_services_own_words_come_first(
    offline: Helm,
) -> None:
    tolerations = [{"key": "infra", "operator": "Exists"}]
    objects = await rendered(
        offline,
        placement={"priorityClassName": "high", "tolerations": tolerations, "nodeSelector": {"disk": "ssd"}},
        nats={"placement": {"priorityClassName": "higher"}},
        imagePullSecrets=[{"name": "registry"}],
    )
    for name, template in pods(objects).items():
        spec = template["spec"]
        assert spec["priorityClassName"] == ("higher" if name == "argocd-nats" else "high")
        assert spec["tolerations"] == tolerations
        assert spec["nodeSelector"] == {"disk": "ssd"}
        assert spec["imagePullSecrets"] == [{"name": "registry"}]


async def test_proxies_and_identities_come_into_the_repo_servers_pods_alone(offline: Helm) -> None:
    own = {
        "envFrom": [{"secretRef": {"name": "proxies"}}],
        "podLabels": {"azure.workload.identity/use": "true"},
        "azureIdentityHosts": [".registry.corp", "git.corp"],
    }
    pods = {
        item["metadata"]["name"]: item["spec"]["template"]
        for item in await rendered(offline, repoServer=own)
        if item["kind"] in ("Deployment", "StatefulSet")
    }
    pod = pods.pop("argocd-repo-server")
    [container] = pod["spec"]["containers"]
    assert container["envFrom"] == own["envFrom"]
    hosts = {"name": "FAIRLEAD_AZURE_IDENTITY_HOSTS", "value": ".registry.corp,git.corp"}
    assert hosts in container["env"]
    assert pod["metadata"]["labels"].items() >= {"azure.workload.identity/use": "true"}.items()
    for other in pods.values():
        assert all("envFrom" not in each for each in other["spec"]["containers"])
        assert "azure.workload.identity/use" not in other["metadata"]["labels"]


async def test_a_service_monitor_selects_the_one_service_that_has_the_metrics(offline: Helm) -> None:
    monitor = {"enabled": True, "selector": {"release": "prometheus"}, "honorLabels": True}
    values = {name: {"metrics": {"serviceMonitor": monitor}} for name in SERVICES_OF_VALUES}
    objects = await rendered(offline, **values)
    monitors = [item for item in objects if item["kind"] == "ServiceMonitor"]
    assert {item["metadata"]["name"] for item in monitors} == CLIENTS
    for item in monitors:
        assert item["metadata"]["labels"]["release"] == "prometheus"
        wanted = item["spec"]["selector"]["matchLabels"]
        (key,) = (each["key"] for each in item["spec"]["selector"]["matchExpressions"])
        (service,) = (
            each
            for each in objects
            if each["kind"] == "Service"
            and wanted.items() <= each["metadata"]["labels"].items()
            and key in each["metadata"]["labels"]
        )
        (endpoint,) = item["spec"]["endpoints"]
        assert endpoint == {"port": "metrics", "path": "/metrics", "interval": "30s", "honorLabels": True}
        assert {port["port"] for port in service["spec"]["ports"]} <= {7000, 8080, 8082, 8083, 8084, 9001}
        assert service["metadata"]["namespace"] in item["spec"]["namespaceSelector"]["matchNames"]
    assert not [item for item in await rendered(offline) if item["kind"] == "ServiceMonitor"]


async def test_what_notifications_are_told_is_a_map_of_values_or_the_operators_own(offline: Helm) -> None:
    name = "ConfigMap/argocd-notifications-cm"
    assert name not in named(await rendered(offline))
    config = {"service.slack": "token: $slack-token", "trigger.on-created": "[]"}
    own = named(await rendered(offline, notifications={"config": config}))[name]
    assert own["data"] == config
    assert own["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"
    catalogue = yaml.safe_load((CHART / "files" / "notifications-catalogue.yaml").read_text())
    both = named(await rendered(offline, notifications={"config": config, "catalogue": True}))[name]
    assert both["data"] == {**catalogue, **config}
    off = await rendered(offline, notifications={"config": config, "enabled": False})
    assert name not in named(off)
    with pytest.raises(HelmError):
        await rendered(offline, notifications={"config": {"service.slack": {"token": "x"}}})


async def test_alerts_and_the_dashboard_are_made_when_that_is_said(offline: Helm) -> None:
    plain = named(await rendered(offline)).keys()
    values = {
        "alerts": {"enabled": True, "additionalLabels": {"release": "prometheus"}, "namespace": "monitoring"},
        "dashboards": {"enabled": True, "annotations": {"grafana_folder": "Argo"}},
    }
    objects = named(await rendered(offline, **values))
    assert objects.keys() - plain == {"PrometheusRule/fairlead", "ConfigMap/fairlead-dashboard"}
    alerts, dashboard = objects["PrometheusRule/fairlead"], objects["ConfigMap/fairlead-dashboard"]
    folder = ROOT / "deploy" / "dashboards"
    assert alerts["spec"] == yaml.safe_load((folder / "alerts.yaml").read_text())
    assert alerts["metadata"]["namespace"] == "monitoring"
    assert alerts["metadata"]["labels"]["release"] == "prometheus"
    assert dashboard["data"]["fairlead.json"].strip() == (folder / "fairlead.json").read_text().strip()
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboard["metadata"]["annotations"] == {"grafana_folder": "Argo"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"nats": {"storage": "1Gi"}}, "nats.storage: 1Gi is too small"),
        ({"nats": {"storage": "2 gigs"}}, "at '/nats/storage'"),
        ({"server": {"replicas": "two"}}, "at '/server/replicas'"),
        ({"server": {"replica": 2}}, "at '/server'"),
        ({"logLevel": "loud"}, "at '/logLevel'"),
        ({"image": {"pullPolicy": "Sometimes"}}, "at '/image/pullPolicy'"),
        ({"repoServer": {"placement": {"nodeselector": {}}}}, "at '/repoServer/placement'"),
        ({"redis": {"maxMemory": "lots"}}, "at '/redis/maxMemory'"),
        ({"repoServer": {"gitNetworks": {"closed": ["10.0.0.0"]}}}, "at '/repoServer/gitNetworks/closed/0'"),
        (
            {"repoServer": {"podLabels": {"app.kubernetes.io/name": "x"}}},
            "at '/repoServer/podLabels/app.kubernetes.io",
        ),
        ({"unknown": 1}, "additional properties 'unknown' not allowed"),
    ],
)
async def test_a_wrong_value_is_refused_with_its_path(offline: Helm, values: Object, words: str) -> None:
    with pytest.raises(HelmError) as refused:
        await rendered(offline, **values)
    assert words in str(refused.value)


async def test_a_plugin_is_a_sidecar_that_shares_a_socket_with_the_repo_server_and_nothing_else(
    offline: Helm,
) -> None:
    spec = {"version": "v1", "generate": {"command": ["sh", "-c", "cat *.yaml"]}}
    plugin = {
        "name": "templates",
        "spec": spec,
        "image": "registry.example.com/templates:1",
        "env": [{"name": "TOKEN", "value": "x"}],
        "passEnvironment": ["TOKEN"],
    }
    original = {
        "name": "old",
        "image": "example.com/old:1",
        "command": ["/var/run/argocd/argocd-cmp-server"],
        "volumeMounts": [{"name": "plugins", "mountPath": "/home/argocd/cmp-server/plugins"}],
    }
    copying = {"name": "copyutil", "image": "example.com/cmp:1"}
    own = {"plugins": [plugin, {"name": "plain", "spec": spec}], "sidecars": [original]}
    objects = await rendered(offline, repoServer={**own, "initContainers": [copying]})
    pod = pods(objects)["argocd-repo-server"]["spec"]
    containers = {container["name"]: container for container in pod["containers"]}
    assert list(containers) == ["repo-server", "plugin-templates", "plugin-plain", "old"]
    assert pod["initContainers"] == [copying]
    assert {"name": "FAIRLEAD_PLUGINS", "value": "templates-v1,plain-v1"} in containers["repo-server"]["env"]
    at = {"name": "plugins", "mountPath": "/home/argocd/cmp-server/plugins"}
    assert all(at in container["volumeMounts"] for container in containers.values())
    sidecar = containers["plugin-templates"]
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == {
        "plugins",
        "plugin-templates",
        "plugin-templates-tmp",
    }
    assert {entry["name"] for entry in sidecar["env"]} == {
        "TOKEN",
        "FAIRLEAD_PASS_ENVIRONMENT",
        "FAIRLEAD_LOG_LEVEL",
    }
    assert sidecar["securityContext"] == containers["repo-server"]["securityContext"]
    assert containers["plugin-plain"]["image"].endswith("/plugin-server:0.1.0")
    names = {volume["name"] for volume in pod["volumes"]}
    assert {"plugins", "var-files", "plugin-templates", "plugin-plain-tmp"} <= names
    said = yaml.safe_load(named(objects)["ConfigMap/argocd-plugin-templates"]["data"]["plugin.yaml"])
    assert said == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ConfigManagementPlugin",
        "metadata": {"name": "templates"},
        "spec": spec,
    }
    bare = pods(await rendered(offline))["argocd-repo-server"]["spec"]
    assert "plugins" not in {volume["name"] for volume in bare["volumes"]}


async def test_the_repo_server_is_given_tools_by_a_volume(offline: Helm) -> None:
    mount = {"name": "custom-tools", "mountPath": "/custom-tools"}
    own = {
        "volumes": [{"name": "custom-tools", "emptyDir": {}}],
        "volumeMounts": [mount],
        "initContainers": [{"name": "download", "image": "example.com/tools:1", "volumeMounts": [mount]}],
    }
    pod = pods(await rendered(offline, repoServer=own))["argocd-repo-server"]["spec"]
    (container,) = pod["containers"]
    assert mount in container["volumeMounts"]
    assert {"name": "custom-tools", "emptyDir": {}} in pod["volumes"]


async def test_scripts_of_the_web_ui_are_mounted_into_the_api_server_and_into_nobody_else(
    offline: Helm,
) -> None:
    mount = {"name": "extensions", "mountPath": "/tmp/extensions/mine", "readOnly": True}
    volume = {"name": "extensions", "configMap": {"name": "my-extensions"}}
    first = {"name": "fetch", "image": "example.com/tools:1"}
    own = {"volumes": [volume], "volumeMounts": [mount], "initContainers": [first]}
    found = pods(await rendered(offline, server=own))
    pod = found["argocd-server"]["spec"]
    (container,) = pod["containers"]
    assert mount in container["volumeMounts"]
    assert volume in pod["volumes"]
    assert pod["initContainers"] == [first]
    for name, other in found.items():
        assert name == "argocd-server" or volume not in other["spec"].get("volumes", []), name


def test_every_value_has_a_comment_and_an_entry_in_the_schema() -> None:
    schema = msgspec.json.decode((CHART / "values.schema.json").read_bytes())
    text = (CHART / "values.yaml").read_text()
    values = yaml.safe_load(text)
    assert _unknown(values, schema, schema, "") == []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        key = line.strip().split(":")[0]
        if line.strip() and not line.strip().startswith(("#", "-")) and not line.rstrip().endswith(":"):
            assert lines[number - 1].strip().startswith("#"), f"{key} has no comment"


def _unknown(values: Object, schema: Object, root: Object, path: str) -> list[str]:
    found = []
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for key, value in values.items():
        known = schema.get("properties", {}).get(key)
        if known is None:
            if schema.get("additionalProperties") is False or "properties" in schema:
                found.append(f"{path}/{key}")
        elif isinstance(value, dict):
            found += _unknown(value, known, root, f"{path}/{key}")
    return found
