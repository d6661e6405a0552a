{{- define "web.name" -}}from-a{{- end -}}
{{- define "dup" -}}first{{- end -}}
