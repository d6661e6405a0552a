{{- define "fairlead.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "fairlead.image" -}}
{{ .root.Values.image.registry }}/{{ .service }}:{{ default .root.Chart.AppVersion .root.Values.image.tag }}
{{- end }}

{{- define "fairlead.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "fairlead.environment" -}}
- { name: FAIRLEAD_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
- { name: FAIRLEAD_NATS_URL, value: "nats://argocd-nats:4222" }
- { name: FAIRLEAD_LOG_LEVEL, value: {{ .root.Values.logLevel | quote }} }
- { name: FAIRLEAD_PROBE_ADDRESS, value: 0.0.0.0 }
- { name: FAIRLEAD_PROBE_PORT, value: {{ .probePort | quote }} }
- { name: FAIRLEAD_NATS_PASSWORD, valueFrom: { secretKeyRef: { name: argocd-nats, key: {{ .service }} } } }
- { name: FAIRLEAD_REDIS_URL, valueFrom: { secretKeyRef: { name: argocd-redis, key: url } } }
- { name: FAIRLEAD_CACHE_SECRET, valueFrom: { secretKeyRef: { name: argocd-redis, key: cache } } }
{{- end }}

{{- define "fairlead.probes" -}}
livenessProbe: { httpGet: { path: /healthz, port: probes }, periodSeconds: 20 }
readinessProbe: { httpGet: { path: /readyz, port: probes }, periodSeconds: 5 }
{{- end }}

{{- define "fairlead.pod" -}}
serviceAccountName: {{ .name }}
securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 }
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
containers:
- name: {{ .service }}
  image: {{ include "fairlead.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- with .args }}
  args: {{ toYaml . | nindent 2 }}
  {{- end }}
  env: {{ include "fairlead.environment" . | nindent 2 }}
  ports:
  - { name: probes, containerPort: {{ .probePort }} }
  {{- with .port }}
  - { name: api, containerPort: {{ . }} }
  {{- end }}
  {{- include "fairlead.probes" . | nindent 2 }}
  resources: {{ toYaml .resources | nindent 4 }}
  securityContext: {{ include "fairlead.restricted" . | nindent 4 }}
  volumeMounts:
  - { name: tmp, mountPath: /tmp }
  - { name: data, mountPath: /var/lib/fairlead }
volumes:
- { name: tmp, emptyDir: {} }
- { name: data, emptyDir: {} }
{{- end }}
