"""The files of the demo's three repositories: two services with a base and overlays, and the platform."""

import textwrap


def service_files(name: str, image: str, *, replicas: int) -> dict[str, str]:
    """A config repository: a base, and an overlay for staging and production."""
    return {
        "base/deployment.yaml": _deployment(name, image),
        "base/service.yaml": _service(name),
        "base/kustomization.yaml": "resources:\n- deployment.yaml\n- service.yaml\n",
        "overlays/staging/kustomization.yaml": _overlay(name, "staging", 1),
        "overlays/production/kustomization.yaml": _overlay(name, "production", replicas),
    }


def production_overlay(name: str, *, replicas: int, image_tag: str = "") -> str:
    """The production overlay, perhaps with another image."""
    tag = f"images:\n- name: nginx\n  newTag: {image_tag!r}\n" if image_tag else ""
    return _overlay(name, "production", replicas) + tag


def application(
    name: str, repo_url: str, namespace: str, *, path: str = "overlays/production", control: str = "argocd"
) -> str:
    """An Application with automated sync, prune and self-heal."""
    return textwrap.dedent(
        f"""\
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: {name}
          namespace: {control}
          finalizers:
          - resources-finalizer.argocd.argoproj.io
        spec:
          project: default
          source:
            repoURL: {repo_url}
            targetRevision: main
            path: {path}
          destination:
            server: https://kubernetes.default.svc
            namespace: {namespace}
          syncPolicy:
            automated:
              prune: true
              selfHeal: true
            syncOptions:
            - CreateNamespace=true
        """
    )


def chart_files(name: str, tag: str) -> dict[str, str]:
    """The files of a chart: a deployment of nginx at a tag, with as many replicas as its values say."""
    deployment = _deployment(name, "nginx:{{ .Values.tag }}")
    spec = "spec:\n  replicas: {{ .Values.replicas }}\n"
    return {
        "values.yaml": f"tag: {tag!r}\nreplicas: 1\n",
        "templates/deployment.yaml": deployment.replace("spec:\n", spec, 1),
        "templates/service.yaml": _service(name),
    }


def chart_application(
    name: str, registry: str, chart: str, versions: str, namespace: str, *, control: str = "argocd"
) -> str:
    """An Application of a chart in a registry, whose values ask for two replicas."""
    source = f"    targetRevision: {versions!r}\n    chart: {chart}\n"
    values = "    helm:\n      valuesObject:\n        replicas: 2\n"
    whole = application(name, registry, namespace, path="", control=control)
    return whole.replace("    targetRevision: main\n    path: \n", source + values)


def _overlay(name: str, environment: str, replicas: int) -> str:
    return textwrap.dedent(
        f"""\
        resources:
        - ../../base
        labels:
        - pairs:
            environment: {environment}
        replicas:
        - name: {name}
          count: {replicas}
        """
    )


def _deployment(name: str, image: str) -> str:
    return textwrap.dedent(
        f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {name}
        spec:
          selector:
            matchLabels:
              app: {name}
          template:
            metadata:
              labels:
                app: {name}
            spec:
              containers:
              - name: {name}
                image: {image}
                ports:
                - containerPort: 8080
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
            app: {name}
          ports:
          - port: 80
            targetPort: 8080
        """
    )
