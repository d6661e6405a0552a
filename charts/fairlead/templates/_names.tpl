{{- define "fairlead.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "fairlead.image" -}}
{{ .root.Values.image.registry }}/{{ .service }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}
{{- end }}

{{- define "fairlead.keys" -}}
{{ default "fairlead-keys" .Values.secrets.existing }}
{{- end }}

{{- /* How many servers NATS has, and how many of them hold each stream. */}}
{{- define "fairlead.nats.replicas" -}}
{{- if .Values.nats.replicas }}{{ .Values.nats.replicas }}{{ else }}{{ ternary 3 1 .Values.ha.enabled }}{{ end }}
{{- end }}

{{- define "fairlead.nats.copies" -}}
{{- $servers := include "fairlead.nats.replicas" . | int }}
{{- $copies := .Values.nats.streamReplicas | default (ternary 3 1 (or (ge $servers 3) (and .Values.ha.enabled (not (empty .Values.nats.external.url))))) }}
{{- if and (empty .Values.nats.external.url) (gt (int $copies) $servers) }}
{{- fail (printf "nats.streamReplicas: %d servers cannot hold %d copies" $servers (int $copies)) }}
{{- end }}
{{- $copies }}
{{- end }}

{{- /* The servers of NATS as its clients name them: each of a cluster, so that one that is gone is left for another. */}}
{{- define "fairlead.nats.url" -}}
{{- $servers := include "fairlead.nats.replicas" . | int }}
{{- if .Values.nats.external.url }}{{ .Values.nats.external.url }}
{{- else if eq $servers 1 }}tls://argocd-nats:4222
{{- else }}
{{- $names := list }}
{{- range $number := until $servers }}{{ $names = append $names (printf "tls://argocd-nats-%d.argocd-nats-headless:4222" $number) }}{{ end }}
{{- join "," $names }}
{{- end }}
{{- end }}

{{- define "fairlead.redis.isHa" -}}
{{- if and .Values.ha.enabled .Values.redis.enabled }}true{{ end }}
{{- end }}

{{- define "fairlead.redis.hosts" -}}
argocd-redis-ha-announce-0 argocd-redis-ha-announce-1 argocd-redis-ha-announce-2
{{- end }}

{{- define "fairlead.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- /* Where a pod runs: what is given for the workload, else for all, else apart from its own kind. */}}
{{- define "fairlead.placement" -}}
{{- $placement := merge (deepCopy .own) (deepCopy .root.Values.placement) -}}
terminationGracePeriodSeconds: {{ .seconds }}
{{- with $placement.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $placement.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $placement.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- if $placement.affinity }}
affinity: {{ toYaml $placement.affinity | nindent 2 }}
{{- else if and (gt (int .replicas) 1) .isQuorum (eq .root.Values.ha.spread "required") }}
{{- /* Two of three on one node would go with it, and the majority with them. */}}
affinity:
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector: { matchLabels: { app.kubernetes.io/name: {{ .name }} } }
{{- else if gt (int .replicas) 1 }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector: { matchLabels: { app.kubernetes.io/name: {{ .name }} } }
{{- end }}
{{- if and (gt (int .replicas) 1) (not $placement.affinity) }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector: { matchLabels: { app.kubernetes.io/name: {{ .name }} } }
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
