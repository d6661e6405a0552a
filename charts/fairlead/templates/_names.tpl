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
{{- else if gt (int .replicas) 1 }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector: { matchLabels: { app.kubernetes.io/name: {{ .name }} } }
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}
