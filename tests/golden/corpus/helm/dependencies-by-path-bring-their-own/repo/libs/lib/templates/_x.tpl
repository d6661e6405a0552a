{{ define "lib.x" }}apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
data: {x: lib}
{{ end }}
