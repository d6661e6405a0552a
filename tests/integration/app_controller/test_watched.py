"""What of a cluster is looked at: what settings leave out, what labels they ask for, what may be listed."""

import asyncio
import base64
from typing import Any

import msgspec

from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.manifest.tracking import INSTALLATION_ID, TRACKING_ID
from fairlead.model.application import Application
from tests.integration.app_controller.lab import CLUSTER_ROLES, Lab, automated, conditions, config_map
from tests.integration.app_controller.test_cluster_answers import ACCOUNTS, BINDINGS
from tests.integration.app_controller.test_clusters import cluster_secret, encoded

LEFT_OUT = "ExcludedResourceWarning"
RBAC = "rbac.authorization.k8s.io"


def secret() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login"}, "stringData": {"user": "a"}}


async def settings(lab: Lab, **data: str) -> None:
    named = {f"resource.{name}": value for name, value in data.items()}
    assert lab.controller is not None
    before = lab.controller.control.current()
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": named}, lab.namespace)
    await lab.eventually(
        lambda: lab.controller is not None and lab.controller.control.current() is not before
    )


async def rules(lab: Lab, *kinds: str) -> None:
    """What the account of `elsewhere` may read and write."""
    body = {
        "metadata": {"name": f"{lab.namespace}-limited"},
        "rules": [{"apiGroups": [""], "resources": list(kinds), "verbs": ["*"]}],
    }
    if await lab.client.find(CLUSTER_ROLES, f"{lab.namespace}-limited") is None:
        await lab.client.create(CLUSTER_ROLES, body)
    else:
        await lab.client.merge_patch(CLUSTER_ROLES, f"{lab.namespace}-limited", {"rules": body["rules"]})


async def limited(lab: Lab) -> None:
    """Register the cluster once more, by an account that may read and write ConfigMaps alone."""
    await lab.client.create(ACCOUNTS, {"metadata": {"name": "limited"}}, lab.namespace)
    await rules(lab, "configmaps")
    name = f"{lab.namespace}-limited"
    body = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": lab.namespace}],
    }
    await lab.client.create(BINDINGS, body)
    token = {
        "metadata": {"name": "limited", "annotations": {"kubernetes.io/service-account.name": "limited"}},
        "type": "kubernetes.io/service-account-token",
    }
    await lab.client.create(SECRETS, token, lab.namespace)
    async with asyncio.timeout(120):
        while True:
            found = msgspec.json.decode(await lab.client.get(SECRETS, "limited", lab.namespace))
            if (found.get("data") or {}).get("token"):
                break
            await asyncio.sleep(0.1)
    connection = from_kubeconfig(lab.control_plane.kubeconfig)
    config = {
        "bearerToken": base64.b64decode(found["data"]["token"]).decode(),
        "tlsClientConfig": {"insecure": False, "caData": encoded(connection.ca)},
    }
    registered = cluster_secret(lab)
    registered["stringData"]["config"] = msgspec.json.encode(config).decode()
    await lab.client.create(SECRETS, registered, lab.namespace)


async def test_kinds_that_may_not_be_listed_are_left_out_where_the_settings_respect_that(lab: Lab) -> None:
    await limited(lab)
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), secret()])
    destination = {"name": "elsewhere", "namespace": lab.workloads}
    await lab.create_app(destination=destination, **automated())
    app = await lab.until(lambda app: "ComparisonError" in conditions(app))
    assert "Secret" in conditions(app)["ComparisonError"]
    assert app.status.sync.status == "Unknown"

    def is_left_out(app: Application) -> bool:
        return (
            "Secret login cannot be followed" in conditions(app).get(LEFT_OUT, "")
            and app.status.sync.status == "Synced"
            and "ComparisonError" not in conditions(app)
        )

    await settings(lab, respectRBAC="strict")
    await lab.until(is_left_out)
    assert await lab.get(CONFIG_MAPS, "settings") is not None
    assert await lab.get(SECRETS, "login") is None
    await settings(lab, respectRBAC="")
    await lab.until(lambda app: "ComparisonError" in conditions(app))
    await settings(lab, respectRBAC="normal")
    await lab.until(is_left_out)
    await rules(lab, "configmaps", "secrets")
    await lab.until_live(SECRETS, "login", lambda found: found is not None)
    await lab.until(lambda app: LEFT_OUT not in conditions(app) and app.status.sync.status == "Synced")


async def test_only_objects_with_the_labels_that_are_asked_for_are_seen(lab: Lab) -> None:
    shop = config_map("shop", colour="blue")
    shop["metadata"]["labels"] = {"team": "shop"}
    lab.renderer.holds(lab.repo, [shop])
    await lab.create_app(**automated())
    await lab.synced()
    rule = '[{"apiGroups": [""], "kinds": ["ConfigMap"], "selector": "team in (shop, cart)"}]'
    await settings(lab, selectors=rule)
    for name, labels in (("unseen", {"team": "other"}), ("seen", {"team": "cart"})):
        mark = f"app:/ConfigMap:{lab.workloads}/{name}"
        stray = config_map(name)
        annotations = {TRACKING_ID: mark, INSTALLATION_ID: lab.namespace}
        stray["metadata"] |= {"labels": labels, "annotations": annotations}
        await lab.client.create(CONFIG_MAPS, stray, lab.workloads)
    await lab.until_live(CONFIG_MAPS, "seen", lambda found: found is None)
    await lab.client.merge_patch(CONFIG_MAPS, "shop", {"data": {"colour": "red"}}, lab.workloads)
    await lab.until_live(
        CONFIG_MAPS, "shop", lambda found: found is not None and found["data"]["colour"] == "blue"
    )
    assert await lab.get(CONFIG_MAPS, "unseen") is not None, "what is not seen is not pruned"


async def test_what_the_settings_exclude_is_neither_compared_nor_applied_nor_pruned(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), secret()])
    await lab.create_app(**automated())
    await lab.synced()
    await settings(
        lab, exclusions='[{"apiGroups": [""], "kinds": ["Secret"], "clusters": ["https://kube*"]}]'
    )
    app = await lab.until(lambda app: LEFT_OUT in conditions(app))
    assert conditions(app)[LEFT_OUT] == "Resource /Secret login is excluded in the settings"
    assert [item.kind for item in app.status.resources] == ["ConfigMap"]
    lab.renderer.holds(lab.repo, [config_map(colour="green")])
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    await lab.until_live(
        CONFIG_MAPS, "settings", lambda found: found is not None and found["data"] == {"colour": "green"}
    )
    await lab.until(lambda app: LEFT_OUT not in conditions(app) and app.status.sync.status == "Synced")
    assert await lab.get(SECRETS, "login") is not None, "it is not pruned while nobody looks at its kind"
    await settings(lab, exclusions="[]")
    await lab.until_live(SECRETS, "login", lambda found: found is None)
    await settings(lab, inclusions='[{"apiGroups": [""], "kinds": ["Secret"], "clusters": ["*"]}]')
    await lab.until(lambda app: "ConfigMap settings is excluded" in conditions(app).get(LEFT_OUT, ""))
