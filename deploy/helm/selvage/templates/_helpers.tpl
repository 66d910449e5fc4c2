{{- define "selvage.labels" -}}
app: selvage
app.kubernetes.io/part-of: selvage
{{- end }}

{{- define "selvage.image" -}}
{{ .Values.image | default (printf "localhost/selvage:%s" .Chart.AppVersion) }}
{{- end }}

{{/* "true" or "false". Without a cluster to ask, Istio's labels are left to an Istio that may be there. */}}
{{- define "selvage.istioLabels" -}}
{{- if eq .Values.istioLabels "auto" -}}
{{- $free := not (not (lookup "v1" "Namespace" "" "kube-system")) -}}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items -}}
{{- if eq (get (.metadata.labels | default dict) "app") "sidecar-injector" -}}{{- $free = false -}}{{- end -}}
{{- end -}}
{{ $free }}
{{- else -}}
{{ eq .Values.istioLabels "yes" }}
{{- end -}}
{{- end }}

{{/* What differs from the defaults: `selvage install` takes it up. */}}
{{- define "selvage.settings" -}}
{{- $set := dict -}}
{{- range $name, $default := (.Files.Get "files/defaults.yaml" | fromYaml) -}}
{{- $value := get $.Values $name -}}
{{- if ne (toString $value) (toString $default) -}}
{{- $_ := set $set $name (eq $name "replicas" | ternary (int $value) (toString $value)) -}}
{{- end -}}
{{- end -}}
{{ toJson $set }}
{{- end }}
