"""The world as Argo CD leaves it: objects that it applied, and Applications with what it wrote there."""

import copy
import json
from typing import Any

import msgspec

from fairlead.kube.collection import APPLICATIONS
from fairlead.kube.resource import Resource
from tests.integration.app_controller.lab import LOCAL, Lab
from tests.integration.app_controller.renderer import Document

MANAGER = "argocd-controller"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
STARTED, FINISHED = "2025-11-20T10:00:00Z", "2025-11-20T10:00:04Z"
RESOURCES = {
    "ConfigMap": Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True),
    "Service": Resource(group="", version="v1", plural="services", kind="Service", namespaced=True),
    "Deployment": Resource(
        group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True
    ),
    "Job": Resource(group="batch", version="v1", plural="jobs", kind="Job", namespaced=True),
}


def resource_of(document: Document) -> Resource:
    return RESOURCES[document["kind"]]


def marked(document: Document, app: str, namespace: str, *, by: str) -> Document:
    """A document with the mark of an application, by `annotation` or by `label`."""
    found = copy.deepcopy(document)
    metadata = found["metadata"]
    metadata["namespace"] = namespace
    group = document["apiVersion"].rpartition("/")[0]
    if by == "annotation":
        mark = f"{app}:{group}/{document['kind']}:{namespace}/{metadata['name']}"
        metadata.setdefault("annotations", {})["argocd.argoproj.io/tracking-id"] = mark
    else:
        metadata.setdefault("labels", {})["app.kubernetes.io/instance"] = app
    return found


async def applied(lab: Lab, document: Document, app: str = "app", *, by: str = "annotation") -> None:
    """As kubectl's library applies on the client: an update of that manager, and what it applied beside."""
    wanted = marked(document, app, lab.workloads, by=by)
    if by == "annotation":
        installation = {"argocd.argoproj.io/installation-id": lab.namespace}
        wanted["metadata"]["annotations"] |= installation
    last = json.dumps(wanted, separators=(",", ":"))
    wanted["metadata"].setdefault("annotations", {})[LAST_APPLIED] = f"{last}\n"
    await lab.client.create(resource_of(document), wanted, lab.workloads, params={"fieldManager": MANAGER})


def line(document: Document, namespace: str, status: str = "Synced") -> dict[str, Any]:
    """An entry of `status.resources`."""
    group, _, version = document["apiVersion"].rpartition("/")
    found = {"kind": document["kind"], "name": document["metadata"]["name"], "namespace": namespace}
    return {**found, "status": status, "version": version, **({"group": group} if group else {})}


def outcome(document: Document, namespace: str) -> dict[str, Any]:
    """An entry of `syncResult.resources`."""
    group, _, version = document["apiVersion"].rpartition("/")
    name = document["metadata"]["name"]
    return {
        "group": group,
        "version": version,
        "kind": document["kind"],
        "namespace": namespace,
        "name": name,
        "status": "Synced",
        "message": f"{document['kind'].lower()}/{name} created",
        "hookPhase": "Running",
        "syncPhase": "Sync",
    }


def images_of(document: Document) -> list[str]:
    """Those of a document's containers."""
    pod = document.get("spec", {}).get("template", {}).get("spec", {})
    return [container["image"] for container in pod.get("containers", ())]


def source(lab: Lab) -> dict[str, Any]:
    return {"repoURL": lab.repo, "path": "."}


def operation_state(
    lab: Lab, revision: str, documents: list[Document], *, phase: str = "Succeeded"
) -> dict[str, Any]:
    """What Argo CD writes of an operation that a person asked for."""
    ends = {} if phase == "Running" else {"finishedAt": FINISHED}
    words = "successfully synced (all tasks run)" if phase == "Succeeded" else "one or more tasks are running"
    return {
        "phase": phase,
        "message": words,
        "startedAt": STARTED,
        **ends,
        "operation": {
            "initiatedBy": {"username": "admin"},
            "retry": {},
            "sync": {"revision": revision, "syncStrategy": {"hook": {}}},
        },
        "syncResult": {
            "revision": revision,
            "source": source(lab),
            "resources": [outcome(document, lab.workloads) for document in documents],
        },
    }


def status(
    lab: Lab, revision: str, documents: list[Document], *, code: str = "Synced", **further: Any
) -> dict[str, Any]:
    """The status of an application that Argo CD compared, as it writes it."""
    destination = {"server": LOCAL, "namespace": lab.workloads}
    images = [image for document in documents for image in images_of(document)]
    return {
        "controllerNamespace": lab.namespace,
        "health": {"status": "Healthy", "lastTransitionTime": FINISHED},
        "history": [
            {
                "id": 0,
                "revision": revision,
                "source": source(lab),
                "deployStartedAt": STARTED,
                "deployedAt": FINISHED,
                "initiatedBy": {"username": "admin"},
            }
        ],
        "operationState": operation_state(lab, revision, documents),
        "reconciledAt": FINISHED,
        "resourceHealthSource": "appTree",
        "resources": [line(document, lab.workloads) for document in documents],
        "sourceType": "Directory",
        "summary": {"images": images} if images else {},
        "sync": {
            "status": code,
            "revision": revision,
            "comparedTo": {"destination": destination, "source": source(lab)},
        },
        **further,
    }


async def application(
    lab: Lab,
    status: dict[str, Any],
    name: str = "app",
    *,
    operation: dict[str, Any] | None = None,
    **spec: Any,
) -> None:
    """An Application with the status that it was left with."""
    await lab.create_app(name, **spec)
    body: dict[str, Any] = {"status": status}
    if operation is not None:
        body["operation"] = operation
    await lab.client.merge_patch(APPLICATIONS, name, body, lab.namespace)


async def raw(lab: Lab, resource: Resource, name: str, namespace: str = "") -> dict[str, Any]:
    """An object as the API server has it, byte for byte decoded."""
    found: dict[str, Any] = msgspec.json.decode(
        await lab.client.get(resource, name, namespace or lab.workloads)
    )
    return found


def changed(before: Any, after: Any, where: str = "") -> dict[str, tuple[Any, Any]]:
    """What of an object is not as it was, by path; who wrote when is left out."""
    if isinstance(before, dict) and isinstance(after, dict):
        found: dict[str, tuple[Any, Any]] = {}
        for name in before.keys() | after.keys():
            if f"{where}.{name}" != ".metadata.managedFields":
                found |= changed(before.get(name), after.get(name), f"{where}.{name}")
        return found
    return {} if before == after else {where: (before, after)}
