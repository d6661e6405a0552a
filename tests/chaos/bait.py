"""What must stay where it is: secrets of every kind that a run has, and a file outside of all repositories.

Invariant: each is a canary, so that a trace of it is known wherever it is found.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairlead.kube.rest import KubeClient
from fairlead.local.suite.secrets import ensure_secrets
from tests.chaos.leaks import MANIFEST
from tests.chaos.place import Place
from tests.chaos.workload import CONTROL, subscribed
from tests.e2e.canaries import Canaries
from tests.e2e.world import APPLICATIONS, NAMESPACES, SECRETS

LOCKED = "repo-0"
"""The repository that has a password, and in which the hostile application is."""
HOSTILE = "hostile"
"""The hostile application and its namespace, which is none of those that are judged as applications'."""
FAILING = "failing"
"""An application of which no sync succeeds, and its namespace."""
_USER = "someone"
_OWN = {"argocd-secret": ("server.secretkey",), "argocd-initial-admin-secret": ("password",)}


class Bait:
    """The canaries of one run, and where they are put."""

    def __init__(self, place: Place) -> None:
        self.canaries = Canaries()
        self._place = place
        self._password = self.canaries.new("git-password")
        self.manifest = self.canaries.new(MANIFEST)
        """Begins the value of Secrets that are deployed."""

    def protect(self) -> None:
        """The locked repository asks for its password."""
        self._place.git.protect(LOCKED, username=_USER, password=self._password)

    def direct_url(self, repo: str) -> str:
        """As whoever pushes reaches a repository."""
        url = self._place.git.direct_url(repo)
        return url.replace("://", f"://{_USER}:{self._password}@") if repo == LOCKED else url

    def lay(self, folder: Path) -> None:
        """Put a link in a working tree that leads out of the repository, to an object to be deployed."""
        outside = self._place.folder / "outside" / "object.yaml"
        outside.parent.mkdir(exist_ok=True)
        word = self.canaries.new("outside")
        outside.write_text(
            f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: outside\ndata:\n  word: {word}\n"
        )
        (folder / HOSTILE).mkdir()
        (folder / HOSTILE / "object.yaml").symlink_to(outside)
        (folder / FAILING).mkdir()
        (folder / FAILING / "object.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n"
        )

    async def begin(self, client: KubeClient) -> None:
        """Declare the repository, learn the suite's own secrets, create the hostile application."""
        url = self._place.git.repo_url(LOCKED)
        await client.create(SECRETS, _repository(url, self._password), CONTROL)
        own = ensure_secrets(self._place.suite.config.data_dir)
        for service, password in own.nats.items():
            self.canaries.add(f"password of {service} at NATS", password)
        self.canaries.add("password of Redis", own.redis)
        self.canaries.add("secret of the cache", own.cache)
        self.canaries.add("secret of credentials", own.credentials)
        for name, keys in _OWN.items():
            data = msgspec.json.decode(await client.get(SECRETS, name, CONTROL))["data"]
            for key in keys:
                self.canaries.add(f"{key} of {name}", base64.b64decode(data[key]).decode())
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOSTILE}}
        await client.create(NAMESPACES, namespace)
        await client.create(APPLICATIONS, _hostile(url), CONTROL)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": FAILING}}
        await client.create(NAMESPACES, namespace)
        await client.create(APPLICATIONS, _failing(url), CONTROL)
        await self._place.post.begin(client, self.canaries.new("notification-token"))


def _repository(url: str, password: str) -> dict[str, Any]:
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "locked", "labels": labels},
        "stringData": {"type": "git", "url": url, "username": _USER, "password": password},
    }


def _hostile(url: str) -> dict[str, Any]:
    return _application(HOSTILE, url, {"automated": {}})


def _failing(url: str) -> dict[str, Any]:
    policy = {"automated": {}, "retry": {"limit": 1, "backoff": {"duration": "1s"}}}
    return _application(FAILING, url, policy, subscribed("first", "failed"))


def _application(
    name: str, url: str, policy: dict[str, Any], annotations: Mapping[str, str] = {}
) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": CONTROL, "annotations": dict(annotations)},
        "spec": {
            "project": "default",
            "source": {"repoURL": url, "path": name, "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            "syncPolicy": policy,
        },
    }
