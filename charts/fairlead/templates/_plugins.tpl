{{- /* Sidecars of the repo-server: each plugin's server in an image of its own, its plugin.yaml in a ConfigMap. */}}
{{- define "fairlead.plugin.names" -}}
{{- $names := list }}
{{- range .Values.repoServer.plugins }}
{{- $names = append $names (ternary .name (printf "%s-%s" .name (.spec.version | default "")) (empty .spec.version)) }}
{{- end }}
{{- join "," $names }}
{{- end }}

{{- define "fairlead.plugins" -}}
{{- $root := .root }}
{{- range $root.Values.repoServer.plugins }}
- name: plugin-{{ .name }}
  image: {{ .image | default (include "fairlead.image" (dict "root" $root "service" "plugin-server")) }}
  imagePullPolicy: {{ $root.Values.image.pullPolicy }}
  {{- with .command }}
  command: {{ toYaml . | nindent 2 }}
  {{- end }}
  env:
  {{- if .passEnvironment }}
  - { name: FAIRLEAD_PASS_ENVIRONMENT, value: {{ join "," .passEnvironment | quote }} }
  {{- end }}
  {{- with .env }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  - { name: FAIRLEAD_LOG_LEVEL, value: {{ $root.Values.logLevel | quote }} }
  resources: {{ toYaml (.resources | default dict) | nindent 4 }}
  securityContext: {{ include "fairlead.restricted" . | nindent 4 }}
  volumeMounts:
  - { name: plugins, mountPath: /home/argocd/cmp-server/plugins }
  - { name: plugin-{{ .name }}, mountPath: /home/argocd/cmp-server/config, readOnly: true }
  - { name: plugin-{{ .name }}-tmp, mountPath: /tmp }
  {{- with .volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- with $root.Values.repoServer.sidecars }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fairlead.plugins.volumes" -}}
{{- if or .Values.repoServer.plugins .Values.repoServer.sidecars }}
- { name: plugins, emptyDir: {} }
{{- end }}
{{- if .Values.repoServer.initContainers }}
- { name: var-files, emptyDir: {} }
{{- end }}
{{- range .Values.repoServer.plugins }}
- name: plugin-{{ .name }}
  configMap: { name: argocd-plugin-{{ .name }} }
- { name: plugin-{{ .name }}-tmp, emptyDir: { sizeLimit: {{ .workSize | default "5Gi" }} } }
{{- end }}
{{- with .Values.repoServer.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
