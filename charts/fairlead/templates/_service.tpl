{{- define "fairlead.environment" -}}
{{- $keys := include "fairlead.keys" .root -}}
{{- if .root.Values.controlPlane.namespace }}
- { name: FAIRLEAD_NAMESPACE, value: {{ .root.Values.controlPlane.namespace }} }
{{- else }}
- { name: FAIRLEAD_NAMESPACE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
{{- end }}
{{- if and .root.Values.observe.enabled (has .service (list "app-controller" "api-server")) }}
- { name: {{ ternary "FAIRLEAD_OBSERVE" "FAIRLEAD_OBSERVE_WITHOUT_DRY_RUNS" (or .root.Values.observe.dryRuns (eq .service "api-server")) }}, value: "true" }
{{- end }}
- { name: POD_UID, valueFrom: { fieldRef: { fieldPath: metadata.uid } } }
- { name: FAIRLEAD_LOG_LEVEL, value: {{ .root.Values.logLevel | quote }} }
- { name: FAIRLEAD_PROBE_ADDRESS, value: 0.0.0.0 }
- { name: FAIRLEAD_PROBE_PORT, value: {{ .probePort | quote }} }
- { name: FAIRLEAD_NATS_URL, value: {{ include "fairlead.nats.url" .root | quote }} }
- { name: FAIRLEAD_NATS_COPIES, value: {{ include "fairlead.nats.copies" .root | quote }} }
{{- if not .root.Values.nats.external.url }}
- { name: FAIRLEAD_NATS_FIRST, value: "server:argocd-nats-0" }
{{- end }}
{{- if or (not .root.Values.nats.external.url) .root.Values.nats.external.ca }}
- { name: FAIRLEAD_NATS_CA, value: /etc/fairlead/ca.crt }
{{- end }}
- { name: FAIRLEAD_NATS_PASSWORD, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: nats-{{ .service }} } } }
{{- /* Redis, and what is sealed there, is for those who render, compare and serve. */}}
{{- if include "fairlead.isCaching" . }}
{{- if .root.Values.redis.enabled }}
- { name: REDIS_PASSWORD, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: redis-password } } }
{{- if include "fairlead.redis.isHa" .root }}
{{- $sentinels := list }}
{{- range splitList " " (include "fairlead.redis.hosts" .root) }}{{ $sentinels = append $sentinels (printf "%s:26379" .) }}{{ end }}
- { name: FAIRLEAD_REDIS_URL, value: "rediss+sentinel://:$(REDIS_PASSWORD)@{{ join "," $sentinels }}/0?master=argocd&sentinel_password=$(REDIS_PASSWORD)&ssl_ca_certs=/etc/fairlead/ca.crt" }
{{- else }}
- { name: FAIRLEAD_REDIS_URL, value: "rediss://:$(REDIS_PASSWORD)@argocd-redis:6379/0?ssl_ca_certs=/etc/fairlead/ca.crt" }
{{- end }}
{{- else }}
{{- with .root.Values.redis.external }}
{{- if .sentinel.hosts }}
- { name: REDIS_SENTINEL_HOSTS, value: {{ join "," .sentinel.hosts | quote }} }
- { name: REDIS_SENTINEL_MASTER, value: {{ .sentinel.master | quote }} }
{{- else }}
- { name: REDIS_SERVER, value: {{ required "redis.external: server or sentinel.hosts, when redis.enabled is false" .server | quote }} }
{{- end }}
- { name: REDISDB, value: {{ .db | quote }} }
- { name: REDIS_USE_TLS, value: {{ .tls | quote }} }
{{- if .secret }}
- { name: REDIS_CREDS_DIR_PATH, value: /app/config/redis }
{{- if .ca }}
- { name: REDIS_CA_CERTIFICATE, value: /app/config/redis/ca.crt }
{{- end }}
{{- end }}
{{- end }}
{{- end }}
- { name: FAIRLEAD_CACHE_SECRET, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: cache-key } } }
{{- end }}
{{- if eq .service "preview" }}
- { name: FAIRLEAD_CACHE_SECRET, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: cache-key } } }
{{- end }}
{{- if has .service (list "repo-server" "app-controller") }}
- { name: FAIRLEAD_CREDENTIALS_SECRET, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: credentials-key } } }
{{- end }}
{{- /* What writes to repositories is the commit server's alone; the controller hands it over. */}}
{{- if and .root.Values.commitServer.enabled (has .service (list "commit-server" "app-controller")) }}
- { name: FAIRLEAD_WRITE_CREDENTIALS_SECRET, valueFrom: { secretKeyRef: { name: {{ $keys }}, key: write-credentials-key } } }
{{- end }}
{{- if eq .service "commit-server" }}
{{- range $name, $key := dict "FAIRLEAD_SIGNING_KEY" "commitserver.signing.key.path" "FAIRLEAD_SIGNING_KEY_PASSPHRASE_FILE" "commitserver.signing.key.passphrase.file" }}
- { name: {{ $name }}, valueFrom: { configMapKeyRef: { name: argocd-cmd-params-cm, key: {{ $key }}, optional: true } } }
{{- end }}
{{- end }}
{{- range $name, $value := .environment }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{- define "fairlead.isCaching" -}}
{{- if not (has .service (list "applicationset-controller" "notifications" "preview")) }}true{{ end }}
{{- end }}

{{- /* Whether a service is given credentials of a Redis that is not the chart's. */}}
{{- define "fairlead.redis.isExternal" -}}
{{- if and (include "fairlead.isCaching" .) (not .root.Values.redis.enabled) .root.Values.redis.external.secret }}true{{ end }}
{{- end }}

{{- /* Networks that a service which asks hosts of others' choice is told of, where any are said. */}}
{{- define "fairlead.networks" -}}
{{- with .networks.opened }}
FAIRLEAD_NETWORKS_OPENED: {{ join "," . | quote }}
{{- end }}
{{- with .networks.closed }}
FAIRLEAD_NETWORKS_CLOSED: {{ join "," . | quote }}
{{- end }}
{{- end }}

{{- define "fairlead.probes" -}}
startupProbe: { httpGet: { path: /healthz, port: probes }, periodSeconds: 2, failureThreshold: 60 }
livenessProbe: { httpGet: { path: /healthz, port: probes }, periodSeconds: 20, timeoutSeconds: 5 }
readinessProbe: { httpGet: { path: /readyz, port: probes }, periodSeconds: 5, timeoutSeconds: 3 }
{{- end }}

{{- define "fairlead.pod" -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: {{ not (has .service (list "repo-server" "commit-server")) }}
securityContext: { runAsUser: 999, runAsGroup: 999, fsGroup: 999 }
{{ include "fairlead.placement" (dict "root" .root "name" .name "own" .values.placement "replicas" .replicas "seconds" .values.terminationGracePeriodSeconds) }}
{{- $hasPlugins := and (eq .service "repo-server") (or .root.Values.repoServer.plugins .root.Values.repoServer.sidecars) }}
{{- with .values.initContainers }}
initContainers: {{ toYaml . | nindent 0 }}
{{- end }}
containers:
- name: {{ .service }}
  image: {{ include "fairlead.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  {{- with .args }}
  args: {{ toYaml . | nindent 2 }}
  {{- end }}
  env: {{ include "fairlead.environment" . | nindent 2 }}
  {{- with .values.envFrom }}
  envFrom: {{ toYaml . | nindent 2 }}
  {{- end }}
  ports:
  - { name: probes, containerPort: {{ .probePort }} }
  {{- if .port }}
  - { name: {{ .portName | default "api" }}, containerPort: {{ .port }} }
  {{- end }}
  {{- include "fairlead.probes" . | nindent 2 }}
  resources: {{ toYaml .values.resources | nindent 4 }}
  securityContext: {{ include "fairlead.restricted" . | nindent 4 }}
  volumeMounts:
  - { name: keys, mountPath: /etc/fairlead, readOnly: true }
  - { name: tmp, mountPath: /tmp }
  {{- if include "fairlead.redis.isExternal" . }}
  - { name: redis, mountPath: /app/config/redis, readOnly: true }
  {{- end }}
  {{- if .data }}
  - { name: data, mountPath: /var/lib/fairlead }
  {{- end }}
  {{- if $hasPlugins }}
  - { name: plugins, mountPath: /home/argocd/cmp-server/plugins }
  {{- end }}
  {{- with .values.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if $hasPlugins }}
  {{- include "fairlead.plugins" . | nindent 0 }}
  {{- end }}
volumes:
- name: keys
  secret: { secretName: {{ include "fairlead.keys" .root }}, items: [{ key: ca.crt, path: ca.crt }] }
- { name: tmp, emptyDir: {} }
{{- if include "fairlead.redis.isExternal" . }}
- name: redis
  secret: { secretName: {{ .root.Values.redis.external.secret }} }
{{- end }}
{{- with .data }}
- { name: data, emptyDir: { sizeLimit: {{ . }} } }
{{- end }}
{{- if eq .service "repo-server" }}
{{- include "fairlead.plugins.volumes" .root | nindent 0 }}
{{- end }}
{{- if has .service (list "api-server" "commit-server") }}
{{- with .values.volumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}
{{- end }}
