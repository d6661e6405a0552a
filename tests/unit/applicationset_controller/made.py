"""Sets, Applications and generations for tests, as short as they can be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.applicationset_controller.applying.wanted import Wanted, wanted
from fairlead.applicationset_controller.following.child import Child, read_child
from fairlead.kube.head import decode_head
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object

NAMESPACE, NAME, UID = "argocd", "fleet", "uid-of-fleet"
OWNER = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "ApplicationSet",
    "name": NAME,
    "uid": UID,
    "controller": True,
    "blockOwnerDeletion": True,
}
FINALIZER = "resources-finalizer.argocd.argoproj.io"


def a_set(
    generators: list[dict[str, Any]] | None = None,
    *,
    generation: int = 1,
    annotations: Mapping[str, str] | None = None,
    conditions: list[dict[str, Any]] | None = None,
    **spec: Any,
) -> ApplicationSet:
    """A set; `spec` is laid over what every set needs."""
    body = {
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "uid": UID,
            "generation": generation,
            "annotations": dict(annotations or {}),
        },
        "spec": {
            "generators": generators or [{"list": {"elements": []}}],
            "template": {"metadata": {"name": "x"}, "spec": {"project": "default"}},
            **spec,
        },
        "status": {"conditions": conditions or []},
    }
    return from_object(body, ApplicationSet)


def an_application(name: str, *, path: str = "apps", **metadata: Any) -> dict[str, Any]:
    """What a template comes to."""
    return {
        "metadata": {"name": name, **metadata},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/a.git", "path": path},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
        },
    }


def want(name: str, *, of: ApplicationSet | None = None, path: str = "apps", **metadata: Any) -> Wanted:
    """An Application that a set wants."""
    return wanted(of or a_set(), an_application(name, path=path, **metadata))


def there(
    name: str,
    *,
    path: str = "apps",
    owners: list[dict[str, Any]] | None = None,
    spec: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    **metadata: Any,
) -> Child:
    """An Application as the API server has it, owned by the set unless said otherwise."""
    obj = an_application(name, path=path)
    obj["metadata"] |= {
        "namespace": NAMESPACE,
        "uid": f"uid-of-{name}",
        "resourceVersion": "7",
        "finalizers": [FINALIZER],
        "ownerReferences": [OWNER] if owners is None else owners,
        **metadata,
    }
    obj["spec"] |= spec or {}
    raw = msgspec.json.encode({**obj, "status": status or {}})
    return read_child(decode_head(raw), raw)
