"""The ApplicationSets of a run: folders in Git, a list by clusters, folders that are rolled out in steps.

Each child deploys into a namespace of its own, whose name does not begin as those of the other applications.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from tests.chaos.workload import CONTROL, IN_CLUSTER

SET_PREFIX: Final = "set-"
OBJECT: Final = "item"
CLUSTERS: Final = ("in-cluster", "second")
EDITION: Final = "edition"
KEPT: Final = "chaos/kept"
"""An annotation that people write on children, and that their set is to leave as it is."""
STEP: Final = "chaos-step"
STEPS: Final = ("one", "two")
MARK: Final = "chaos-set"
"""A label of children: which set's they are."""
SHARED: Final = "shared"
REQUEUE: Final = 20

Folders = Mapping[str, Mapping[str, str]]
"""Of each set the folders and their content, which is a number."""


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """One set. `pool` are the folders, or elements, that there may be; `first` of them are there at once.

    `kind` is `dirs`, `listed` or `rolling`; a listed set never deletes, and leaves what was deployed.
    """

    name: str
    kind: str
    repo: str
    pool: tuple[str, ...]
    first: int

    @property
    def deletes(self) -> bool:
        """Whether its Applications go with their folders, and with it."""
        return self.kind != "listed"

    def begins_with(self) -> dict[str, str]:
        """Its folders at first."""
        names = self.pool[: self.first] if self.deletes else (SHARED,)
        return dict.fromkeys(names, "0")

    def children(self, folders: Iterable[str], elements: Iterable[str]) -> dict[str, str]:
        """The names of its Applications, and the folder of each."""
        if self.deletes:
            return {f"{self.name}-{folder}": folder for folder in folders}
        return {f"{self.name}-{element}-{where}": SHARED for element in elements for where in CLUSTERS}

    def files(self, folders: Mapping[str, str]) -> dict[str, str]:
        """What is in Git of it."""
        files = {}
        for folder, content in folders.items():
            path = f"sets/{self.name}/{folder}"
            files[f"{path}/objects/{OBJECT}.yaml"] = _config_map(content)
            if self.kind == "rolling":
                step = folder.partition("-")[0]
                files[f"{path}/config.json"] = msgspec.json.encode({"step": step, "number": content}).decode()
                if step == STEPS[0]:
                    files[f"{path}/objects/deployment.yaml"] = _deployment(content)
        return files

    def manifest(self, url: str, *, elements: Iterable[str], edition: int) -> dict[str, Any]:
        """The ApplicationSet."""
        spec: dict[str, Any] = {
            "goTemplate": True,
            "goTemplateOptions": ["missingkey=error"],
            "generators": [self._generator(url, elements)],
            "template": self._template(url, edition),
        }
        annotations = {}
        if self.kind == "listed":
            spec["syncPolicy"] = {"applicationsSync": "create-update", "preserveResourcesOnDeletion": True}
            spec["preservedFields"] = {"annotations": [KEPT]}
            spec["ignoreApplicationDifferences"] = [{"jsonPointers": ["/spec/revisionHistoryLimit"]}]
        if self.kind == "rolling":
            annotations["fairlead.dev/deletion-guard"] = "off"
            spec["strategy"] = {
                "type": "RollingSync",
                "rollingSync": {
                    "steps": [
                        {"matchExpressions": [{"key": STEP, "operator": "In", "values": [STEPS[0]]}]},
                        {
                            "matchExpressions": [{"key": STEP, "operator": "In", "values": [STEPS[1]]}],
                            "maxUpdate": 1,
                        },
                    ]
                },
            }
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": self.name, "namespace": CONTROL, "annotations": annotations},
            "spec": spec,
        }

    def _generator(self, url: str, elements: Iterable[str]) -> dict[str, Any]:
        git: dict[str, Any] = {"repoURL": url, "revision": "main", "requeueAfterSeconds": REQUEUE}
        if self.kind == "dirs":
            return {"git": {**git, "directories": [{"path": f"sets/{self.name}/*"}]}}
        if self.kind == "rolling":
            return {"git": {**git, "files": [{"path": f"sets/{self.name}/*/config.json"}]}}
        listed = {"list": {"elements": [{"element": element} for element in elements]}}
        return {"matrix": {"generators": [listed, {"clusters": {}}]}}

    def _template(self, url: str, edition: int) -> dict[str, Any]:
        labels = {EDITION: str(edition), MARK: self.name}
        spec: dict[str, Any] = {
            "project": "default",
            "source": {"repoURL": url, "targetRevision": "main", "path": "{{.path.path}}/objects"},
            "destination": {"server": IN_CLUSTER},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "syncOptions": ["CreateNamespace=true"],
            },
        }
        name = f"{self.name}-{{{{.path.basename}}}}"
        if self.kind == "listed":
            name = f"{self.name}-{{{{.element}}}}-{{{{.name}}}}"
            spec["source"]["path"] = f"sets/{self.name}/{SHARED}/objects"
            spec["destination"]["server"] = "{{.server}}"
        if self.kind == "rolling":
            labels[STEP] = "{{.step}}"
            spec["info"] = [{"name": "number", "value": "{{.number}}"}]
        spec["destination"]["namespace"] = f"{SET_PREFIX}{name}"
        return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def some_sets(repos: int, *, first: int = 3) -> list[Set]:
    """Three sets over the repositories of a run; `first` folders each, at first."""
    letters = ("a", "b", "c", "d", "e")
    steps = tuple(f"{step}-{letter}" for letter in letters[:3] for step in STEPS)
    return [
        Set(name="dirs", kind="dirs", repo="repo-0", pool=letters, first=first),
        Set(name="listed", kind="listed", repo=f"repo-{1 % repos}", pool=letters[:3], first=1),
        Set(name="rolling", kind="rolling", repo=f"repo-{2 % repos}", pool=steps, first=first),
    ]


def _config_map(content: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {OBJECT}\ndata:\n  state: {content!r}\n"


def _deployment(content: str) -> str:
    """One whose pods are made anew with the content, so that it takes a while to be Healthy."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {OBJECT}\nspec:\n  replicas: 1\n"
        f"  selector: {{matchLabels: {{app: {OBJECT}}}}}\n  template:\n    metadata:\n"
        f"      labels: {{app: {OBJECT}}}\n      annotations: {{state: {content!r}}}\n"
        "    spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: busybox}]}\n"
    )
