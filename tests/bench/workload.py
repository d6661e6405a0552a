"""The files of the repositories and the Applications that name them.

Each application is a directory of one repository: a base of a Deployment, a Service and a ConfigMap, and an
overlay that sets the image's tag, which is what a trial changes.
"""

import textwrap

import msgspec

APPS_IN_A_NAMESPACE = 50
IMAGE = "nginx"
FIRST_TAG = "1.0"
SERVER = "https://kubernetes.default.svc"


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """One application: its name, and the namespace its objects are in."""

    name: str
    namespace: str

    @property
    def path(self) -> str:
        """What is rendered."""
        return f"apps/{self.name}/overlay"


def workloads(prefix: str, count: int) -> list[Workload]:
    """That many, APPS_IN_A_NAMESPACE to a namespace."""
    return [
        Workload(name=f"{prefix}-{number:04}", namespace=f"{prefix}-ns-{number // APPS_IN_A_NAMESPACE:03}")
        for number in range(count)
    ]


def namespaces(items: list[Workload]) -> list[str]:
    """The namespaces they need, each once."""
    return list(dict.fromkeys(item.namespace for item in items))


def image(tag: str) -> str:
    """The image as the cluster shows it."""
    return f"{IMAGE}:{tag}"


def overlay(item: Workload, tag: str) -> dict[str, str]:
    """The one file that a commit of a trial changes."""
    text = f"resources:\n- ../base\nimages:\n- name: {IMAGE}\n  newTag: '{tag}'\n"
    return {f"{item.path}/kustomization.yaml": text}


def files(item: Workload) -> dict[str, str]:
    """All files of an application."""
    base = f"apps/{item.name}/base"
    return {
        f"{base}/kustomization.yaml": "resources:\n- deployment.yaml\n- service.yaml\n- configmap.yaml\n",
        f"{base}/deployment.yaml": _deployment(item.name),
        f"{base}/service.yaml": _service(item.name),
        f"{base}/configmap.yaml": _config_map(item.name),
        **overlay(item, FIRST_TAG),
    }


def application(item: Workload, repo_url: str, control_namespace: str) -> dict[str, object]:
    """The Application with automated sync, prune and self-heal."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": item.name, "namespace": control_namespace},
        "spec": {
            "project": "default",
            "source": {"repoURL": repo_url, "targetRevision": "main", "path": item.path},
            "destination": {"server": SERVER, "namespace": item.namespace},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }


def _deployment(name: str) -> str:
    return textwrap.dedent(
        f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
          labels:
            app.kubernetes.io/name: {name}
        spec:
          replicas: 1
          selector:
            matchLabels:
              app.kubernetes.io/name: {name}
          template:
            metadata:
              labels:
                app.kubernetes.io/name: {name}
            spec:
              containers:
              - name: main
                image: {IMAGE}
                ports:
                - containerPort: 8080
                envFrom:
                - configMapRef:
                    name: {name}
                resources:
                  requests:
                    cpu: 10m
                    memory: 16Mi
        """
    )


def _service(name: str) -> str:
    return textwrap.dedent(
        f"""\
        apiVersion: v1
        kind: Service
        metadata:
          name: {name}
        spec:
          selector:
            app.kubernetes.io/name: {name}
          ports:
          - port: 80
            targetPort: 8080
        """
    )


def _config_map(name: str) -> str:
    return textwrap.dedent(
        f"""\
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {name}
        data:
          LOG_LEVEL: info
          SERVICE_NAME: {name}
        """
    )
