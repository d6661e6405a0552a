"""What is rendered: an overlay of ten objects, a chart as beginners have one, and many small overlays."""

import textwrap

OVERLAY = "overlay"
CHART = "chart"
_KINDS = ("settings", "limits", "routes", "users", "colours", "words", "feeds")


def single() -> dict[str, str]:
    """Both, each in a folder of its own."""
    return {**_overlay(), **_chart()}


def many(count: int) -> dict[str, str]:
    """That many applications: a base each and an overlay that sets one value."""
    found: dict[str, str] = {}
    for number in range(count):
        found |= _small(number, "1")
    return found


def path(number: int) -> str:
    """Where one of the many is."""
    return f"apps/{number // 100:03}/app-{number:05}/overlay"


def changed(number: int, value: str) -> dict[str, str]:
    """The one file of it that a commit changes."""
    return {f"{path(number)}/kustomization.yaml": _kustomization(number, value)}


def _small(number: int, value: str) -> dict[str, str]:
    base = path(number).removesuffix("overlay") + "base"
    name = f"app-{number:05}"
    return {
        f"{base}/kustomization.yaml": "resources:\n- deployment.yaml\n- service.yaml\n",
        f"{base}/deployment.yaml": _deployment(name),
        f"{base}/service.yaml": _service(name),
        **changed(number, value),
    }


def _kustomization(number: int, value: str) -> str:
    return (
        f"resources:\n- ../base\nimages:\n- name: nginx\n  newTag: '{value}'\n"
        f"commonAnnotations:\n  number: '{number}'\n"
    )


def _overlay() -> dict[str, str]:
    names = [f"{kind}.yaml" for kind in _KINDS]
    listed = "".join(f"- {name}\n" for name in ["deployment.yaml", "service.yaml", "account.yaml", *names])
    return {
        f"{OVERLAY}/base/kustomization.yaml": f"resources:\n{listed}",
        f"{OVERLAY}/base/deployment.yaml": _deployment("web"),
        f"{OVERLAY}/base/service.yaml": _service("web"),
        f"{OVERLAY}/base/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n",
        **{
            f"{OVERLAY}/base/{kind}.yaml": "apiVersion: v1\nkind: ConfigMap\n"
            f"metadata: {{name: {kind}}}\ndata: {{first: one, second: two}}\n"
            for kind in _KINDS
        },
        f"{OVERLAY}/live/kustomization.yaml": (
            "resources:\n- ../base\nnamePrefix: live-\nnamespace: shop\n"
            "labels:\n- pairs: {stage: live}\n  includeSelectors: true\n"
            "images:\n- name: nginx\n  newTag: '2'\n"
            "patches:\n- path: replicas.yaml\n"
        ),
        f"{OVERLAY}/live/replicas.yaml": (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
        ),
    }


def _chart() -> dict[str, str]:
    """A Deployment with probes and resources, Service, account, and Ingress and autoscaler that are off."""
    templates = f"{CHART}/templates"
    return {
        f"{CHART}/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: '1.16'\n",
        f"{CHART}/values.yaml": _block(
            """
            replicaCount: 2
            image: {repository: nginx, tag: "", pullPolicy: IfNotPresent}
            serviceAccount: {create: true, annotations: {}, name: ""}
            podAnnotations: {}
            service: {type: ClusterIP, port: 80}
            ingress: {enabled: false, className: "", hosts: [{host: web.example.com, paths: [/]}]}
            resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 128Mi}}
            autoscaling: {enabled: false, minReplicas: 1, maxReplicas: 10}
            nodeSelector: {}
            tolerations: []
            """
        ),
        f"{templates}/_names.tpl": _block(
            """
            {{- define "web.name" -}}
            {{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
            {{- end }}
            {{- define "web.full" -}}
            {{- if contains (include "web.name" .) .Release.Name }}{{ .Release.Name | trunc 63 }}
            {{- else }}{{ printf "%s-%s" .Release.Name (include "web.name" .) | trunc 63 }}{{ end }}
            {{- end }}
            {{- define "web.selector" -}}
            app.kubernetes.io/name: {{ include "web.name" . }}
            app.kubernetes.io/instance: {{ .Release.Name }}
            {{- end }}
            {{- define "web.labels" -}}
            helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
            {{ include "web.selector" . }}
            app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
            app.kubernetes.io/managed-by: {{ .Release.Service }}
            {{- end }}
            """
        ),
        f"{templates}/deployment.yaml": _block(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: {{ include "web.full" . }}
              labels:
                {{- include "web.labels" . | nindent 4 }}
            spec:
              {{- if not .Values.autoscaling.enabled }}
              replicas: {{ .Values.replicaCount }}
              {{- end }}
              selector:
                matchLabels:
                  {{- include "web.selector" . | nindent 6 }}
              template:
                metadata:
                  {{- with .Values.podAnnotations }}
                  annotations:
                    {{- toYaml . | nindent 8 }}
                  {{- end }}
                  labels:
                    {{- include "web.labels" . | nindent 8 }}
                spec:
                  serviceAccountName: {{ include "web.full" . }}
                  containers:
                  - name: {{ .Chart.Name }}
                    image: {{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
                    imagePullPolicy: {{ .Values.image.pullPolicy }}
                    ports:
                    - {name: http, containerPort: {{ .Values.service.port }}, protocol: TCP}
                    livenessProbe: {httpGet: {path: /, port: http}}
                    readinessProbe: {httpGet: {path: /, port: http}}
                    resources:
                      {{- toYaml .Values.resources | nindent 10 }}
                  {{- with .Values.nodeSelector }}
                  nodeSelector:
                    {{- toYaml . | nindent 8 }}
                  {{- end }}
                  {{- with .Values.tolerations }}
                  tolerations:
                    {{- toYaml . | nindent 8 }}
                  {{- end }}
            """
        ),
        f"{templates}/service.yaml": _block(
            """
            apiVersion: v1
            kind: Service
            metadata:
              name: {{ include "web.full" . }}
              labels:
                {{- include "web.labels" . | nindent 4 }}
            spec:
              type: {{ .Values.service.type }}
              ports:
              - {name: http, port: {{ .Values.service.port }}, targetPort: http, protocol: TCP}
              selector:
                {{- include "web.selector" . | nindent 4 }}
            """
        ),
        f"{templates}/account.yaml": _block(
            """
            {{- if .Values.serviceAccount.create }}
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: {{ include "web.full" . }}
              labels:
                {{- include "web.labels" . | nindent 4 }}
            {{- end }}
            """
        ),
        f"{templates}/ingress.yaml": _block(
            """
            {{- if .Values.ingress.enabled }}
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata:
              name: {{ include "web.full" . }}
            spec:
              ingressClassName: {{ .Values.ingress.className }}
              rules:
              {{- range .Values.ingress.hosts }}
              - host: {{ .host }}
              {{- end }}
            {{- end }}
            """
        ),
        f"{templates}/autoscaler.yaml": _block(
            """
            {{- if .Values.autoscaling.enabled }}
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata:
              name: {{ include "web.full" . }}
            spec:
              minReplicas: {{ .Values.autoscaling.minReplicas }}
              maxReplicas: {{ .Values.autoscaling.maxReplicas }}
            {{- end }}
            """
        ),
        f"{templates}/NOTES.txt": 'Reach it with kubectl port-forward svc/{{ include "web.full" . }}.\n',
        f"{templates}/tests/answer.yaml": _block(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{ include "web.full" . }}-test
              annotations: {helm.sh/hook: test}
            spec:
              restartPolicy: Never
              containers:
              - name: ask
                image: busybox
                command: [wget, "{{ include "web.full" . }}:{{ .Values.service.port }}"]
            """
        ),
    }


def _deployment(name: str) -> str:
    return _block(
        f"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: {name}, labels: {{app: {name}}}}}
        spec:
          replicas: 1
          selector: {{matchLabels: {{app: {name}}}}}
          template:
            metadata: {{labels: {{app: {name}}}}}
            spec:
              containers:
              - name: web
                image: nginx:1
                ports: [{{name: http, containerPort: 80}}]
                resources: {{requests: {{cpu: 10m, memory: 16Mi}}}}
        """
    )


def _service(name: str) -> str:
    return _block(
        f"""
        apiVersion: v1
        kind: Service
        metadata: {{name: {name}}}
        spec:
          selector: {{app: {name}}}
          ports: [{{name: http, port: 80, targetPort: http}}]
        """
    )


def _block(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")
