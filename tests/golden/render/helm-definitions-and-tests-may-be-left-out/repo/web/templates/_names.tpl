{{ define "name" }}{{ .Release.Name }}-{{ .Chart.AppVersion }}{{ end }}
