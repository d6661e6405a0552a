{{- define "dup" -}}of-sub{{- end -}}
