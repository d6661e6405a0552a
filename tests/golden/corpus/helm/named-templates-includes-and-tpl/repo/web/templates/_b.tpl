{{- define "dup" -}}second{{- end -}}
{{- define "recurse" -}}{{- if gt (int .) 0 -}}{{ . }}{{ include "recurse" (sub (int .) 1) }}{{- end -}}{{- end -}}
