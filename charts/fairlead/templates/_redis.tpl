{{- /* The server's configuration. The password joins it in the pod. */}}
{{- define "fairlead.redis.conf" -}}
port 0
tls-port 6379
tls-cert-file /etc/redis/tls/redis.crt
tls-key-file /etc/redis/tls/redis.key
tls-ca-cert-file /etc/redis/tls/ca.crt
tls-auth-clients no
save ""
appendonly no
maxmemory {{ .Values.redis.maxMemory }}
maxmemory-policy allkeys-lru
{{- end }}

{{- define "fairlead.redis.tls" -}}
tls-cert-file /etc/redis/tls/redis.crt
tls-key-file /etc/redis/tls/redis.key
tls-ca-cert-file /etc/redis/tls/ca.crt
tls-auth-clients no
tls-replication yes
{{- end }}

{{- /* One of three servers. */}}
{{- define "fairlead.redis.member.conf" -}}
port 0
tls-port 6379
{{ include "fairlead.redis.tls" . }}
save ""
appendonly no
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-backlog-size 16mb
client-output-buffer-limit replica 64mb 32mb 60
maxmemory {{ .Values.redis.maxMemory }}
maxmemory-policy allkeys-lru
{{- end }}

{{- /* One of three sentinels. */}}
{{- define "fairlead.redis.sentinel.conf" -}}
port 0
tls-port 26379
{{ include "fairlead.redis.tls" . }}
{{- end }}
