{{- /* The server's configuration. Passwords come from the environment, so this text is no secret. */}}
{{- define "fairlead.nats.conf" -}}
{{- $limits := fromJson (.Files.Get "files/nats-limits.json") -}}
{{- $accounts := fromJson (include "fairlead.nats.accounts" .) -}}
{{- range $account := $accounts }}
{{- range $user := $account.users }}
{{- $_ := set $user "password" (printf "$%s" (include "fairlead.nats.variable" $user.user)) }}
{{- end }}
{{- end -}}
listen: 0.0.0.0:4222
http: 127.0.0.1:8222
server_name: $SERVER_NAME
server_tags: $SERVER_TAG
max_payload: {{ $limits.maxPayload | int64 }}
jetstream { store_dir: /data, max_file_store: {{ $limits.maxFileStore | int64 }} }
tls { cert_file: /etc/nats/tls/nats.crt, key_file: /etc/nats/tls/nats.key }
{{- $servers := include "fairlead.nats.replicas" . | int }}
{{- if gt $servers 1 }}
cluster {
  name: argocd-nats
  listen: 0.0.0.0:6222
  # Clients know every server by the name that its certificate has.
  no_advertise: true
  authorization { user: routes, password: $ROUTES_PASSWORD, timeout: 5 }
  tls { cert_file: /etc/nats/tls/nats.crt, key_file: /etc/nats/tls/nats.key, ca_file: /etc/nats/tls/ca.crt, verify: true, timeout: 5 }
  routes: [{{ range $number := until $servers }}{{ if $number }}, {{ end }}$ROUTE_{{ $number }}{{ end }}]
}
lame_duck_grace_period: 1s
lame_duck_duration: 30s
{{- end }}
accounts: {{ regexReplaceAll "\"(\\$NATS_PASSWORD_[A-Z_]+)\"" (toRawJson $accounts) "$1 " }}
{{- end }}

{{- /* The environment variable with a user's password. */}}
{{- define "fairlead.nats.variable" -}}
NATS_PASSWORD_{{ . | upper | replace "-" "_" }}
{{- end }}

{{- /* A volume that is too small for what the streams reserve would stop every service: refuse it here. */}}
{{- define "fairlead.nats.storage" -}}
{{- $limits := fromJson (.Files.Get "files/nats-limits.json") -}}
{{- $units := dict "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $number := regexFind "^[0-9]+" .Values.nats.storage -}}
{{- $bytes := mul (atoi $number) (get $units (trimPrefix $number .Values.nats.storage)) -}}
{{- if lt $bytes (int64 $limits.smallestVolume) -}}
{{- fail (printf "nats.storage: %s is too small, the streams need %dMi" .Values.nats.storage (div (int64 $limits.smallestVolume) 1048576)) -}}
{{- end -}}
{{ .Values.nats.storage }}
{{- end }}

{{- /* The accounts without users of services that are switched off, whose passwords nobody needs to have made. */}}
{{- define "fairlead.nats.accounts" -}}
{{- $accounts := fromJson (.Files.Get "files/nats-permissions.json") -}}
{{- $absent := list -}}
{{- if not .Values.commitServer.enabled }}{{ $absent = append $absent "commit-server" }}{{ end -}}
{{- if not .Values.preview.enabled }}{{ $absent = append $absent "preview" }}{{ end -}}
{{- range $account := $accounts }}
{{- $users := list }}
{{- range $user := $account.users }}
{{- if not (has $user.user $absent) }}{{ $users = append $users $user }}{{ end }}
{{- end }}
{{- $_ := set $account "users" $users }}
{{- end -}}
{{ toJson $accounts }}
{{- end }}
