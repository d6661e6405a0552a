"""The applications of a run and their files: ConfigMaps, some in waves, some with hooks, two clusters."""

from collections.abc import Mapping
from typing import Any

import msgspec

CONTROL = "argocd"
IN_CLUSTER = "https://kubernetes.default.svc"
HOOKS = {"prepare": ("PreSync", "BeforeHookCreation"), "report": ("PostSync", "HookSucceeded")}
"""The hooks of an application that has some: their phases, and when they are deleted."""
END_HOOKS = {"farewell": "PreDelete", "obituary": "PostDelete"}
OBJECTS = 6
RECEIVERS = ("first", "second", "third")
SUBSCRIBE = "notifications.argoproj.io/subscribe"
NAMESPACE_PREFIX = "chaos-"
FINALIZER = "resources-finalizer.argocd.argoproj.io"


class App(msgspec.Struct, frozen=True, kw_only=True):
    """One application; its namespace is its own, so that whatever is written there is written for it."""

    name: str
    repo: str
    server: str = IN_CLUSTER
    in_waves: bool = False
    has_hooks: bool = False
    ends_with_hooks: bool = False
    """Whether its deletion has a hook before it and one after."""
    subscriber: str = ""
    """Which receiver is told of its deployments, if any."""
    secret: str = ""
    """Begins the value of a Secret that is deployed with it, if any."""

    @property
    def namespace(self) -> str:
        """Where its objects are."""
        return f"{NAMESPACE_PREFIX}{self.name}"

    @property
    def path(self) -> str:
        """Where its files are."""
        return self.name

    def manifest(self, url: str) -> dict[str, Any]:
        """The Application: automated, with prune and self-heal, and a finalizer."""
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": self.name,
                "namespace": CONTROL,
                "finalizers": [FINALIZER],
                "annotations": dict(subscribed(self.subscriber, "deployed")) if self.subscriber else {},
            },
            "spec": {
                "project": "default",
                "source": {"repoURL": url, "path": self.path, "targetRevision": "main"},
                "destination": {"server": self.server, "namespace": self.namespace},
                "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
            },
        }

    def files(self, objects: Mapping[str, str], number: int) -> dict[str, str]:
        """The files of a state: one for each object, and the hooks'."""
        files = {
            f"{self.path}/{name}.yaml": self._config_map(name, content) for name, content in objects.items()
        }
        if self.has_hooks:
            files |= {
                f"{self.path}/{name}.yaml": _hook(name, stage, number, policy)
                for name, (stage, policy) in HOOKS.items()
            }
        if self.ends_with_hooks:
            files |= {f"{self.path}/{name}.yaml": _hook(name, stage, 0) for name, stage in END_HOOKS.items()}
        if self.secret:
            files[f"{self.path}/token.yaml"] = _secret(f"{self.secret}{number}")
        return files

    def _config_map(self, name: str, content: str) -> str:
        wave = (
            f"\n  annotations: {{argocd.argoproj.io/sync-wave: '{int(name[-1]) % 3}'}}"
            if self.in_waves
            else ""
        )
        return (
            f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}{wave}\ndata:\n  state: {content!r}\n"
        )


def fleet(repos: int, apps_each: int, second_server: str, *, secret: str = "") -> list[App]:
    """`repos` times `apps_each` applications; every third on the second cluster, each first with a Secret."""
    found = []
    for repo in range(repos):
        for number in range(apps_each):
            index = repo * apps_each + number
            found.append(
                App(
                    name=f"app-{repo}-{number}",
                    repo=f"repo-{repo}",
                    server=second_server if index % 3 == 2 else IN_CLUSTER,
                    in_waves=number == 1,
                    has_hooks=number == 2,
                    subscriber=RECEIVERS[index % 2],
                    secret=secret if number == 0 else "",
                )
            )
    return found


def subscribed(receiver: str, *triggers: str) -> Mapping[str, str]:
    """The annotations of an Application of which a receiver is told."""
    return {f"{SUBSCRIBE}.on-{trigger}.{receiver}": "" for trigger in triggers}


def _secret(value: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  token: {value}\n"


def _hook(name: str, stage: str, number: int, policy: str = "BeforeHookCreation") -> str:
    return (
        f"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}\n"
        f"  annotations:\n    argocd.argoproj.io/hook: {stage}\n"
        f"    argocd.argoproj.io/hook-delete-policy: {policy}\n"
        "spec:\n  backoffLimit: 0\n  template:\n    spec:\n      restartPolicy: Never\n"
        f"      containers: [{{name: main, image: busybox, args: ['{number}']}}]\n"
    )
