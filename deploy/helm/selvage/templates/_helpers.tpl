{{- define "selvage.labels" -}}
app: selvage
app.kubernetes.io/part-of: selvage
{{- end }}

{{- define "selvage.image" -}}
{{ .Values.image | default (printf "localhost/selvage:%s" .Chart.AppVersion) }}
{{- end }}

{{/* "true" or "false". Without a cluster to ask, Istio's labels are left to an Istio that may be there. */}}
{{- define "selvage.istioLabels" -}}
{{- if eq (toString .Values.istioLabels) "auto" -}}
{{- $free := not (not (lookup "v1" "Namespace" "" "kube-system")) -}}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items -}}
{{- if eq (get (.metadata.labels | default dict) "app") "sidecar-injector" -}}{{- $free = false -}}{{- end -}}
{{- end -}}
{{ $free }}
{{- else -}}
{{ has (toString .Values.istioLabels) (list "yes" "true") }}
{{- end -}}
{{- end }}

{{/* An entry of the injector, which asks for tags where it asks for our revision. */}}
{{- define "selvage.tagged" -}}
{{- $tags := .tags -}}
{{- range list .entry.namespaceSelector .entry.objectSelector -}}
{{- range .matchExpressions -}}
{{- if has "selvage" (.values | default list) -}}
{{- $_ := set . "values" (concat .values $tags | uniq) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{ toYaml .entry }}
{{- end }}

{{/* What the control plane takes as it is set, and only where it is. */}}
{{- define "selvage.passedOn" -}}
{{- range .Values.imagePullSecrets }}
- {{ printf "--sidecar-pull-secret=%s" . | quote }}
{{- end }}
{{- with .Values.meshId }}
- {{ printf "--mesh-id=%s" . | quote }}
{{- end }}
{{- range .Values.revisionTags }}
- {{ printf "--revision-tag=%s" . | quote }}
{{- end }}
{{- with .Values.sidecar }}
{{- with .pullPolicy }}
- --sidecar-pull-policy={{ . }}
{{- end }}
{{- if .holdApplication }}
- --hold-application
{{- end }}
{{- range .neverInject }}
{{- $labels := list }}
{{- range $name, $value := . }}
{{- $labels = append $labels (printf "%s=%s" $name $value) }}
{{- end }}
- {{ printf "--never-inject=%s" (join "," $labels) | quote }}
{{- end }}
{{- with .excludeOutboundPorts }}
- --sidecar-exclude-outbound-ports={{ . }}
{{- end }}
{{- with .excludeInboundPorts }}
- --sidecar-exclude-inbound-ports={{ . }}
{{- end }}
{{- with .includeIPRanges }}
- --sidecar-include-ip-ranges={{ . }}
{{- end }}
{{- with .excludeIPRanges }}
- --sidecar-exclude-ip-ranges={{ . }}
{{- end }}
{{- with .logLevel }}
- {{ printf "--sidecar-log-level=%s" . | quote }}
{{- end }}
{{- with .cpuRequest }}
- --sidecar-cpu-request={{ . }}
{{- end }}
{{- with .memoryRequest }}
- --sidecar-memory-request={{ . }}
{{- end }}
{{- with .cpuLimit }}
- --sidecar-cpu-limit={{ . }}
{{- end }}
{{- with .memoryLimit }}
- --sidecar-memory-limit={{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* A value as it is remembered: words as texts, which YAML may have as booleans. */}}
{{- define "selvage.word" -}}
{{- $text := toString .value -}}
{{- if eq .name "istioLabels" -}}{{- $text = get (dict "true" "yes" "false" "no") $text | default $text -}}{{- end -}}
{{ $text }}
{{- end }}

{{/* What differs from the defaults: `selvage install` takes it up. */}}
{{- define "selvage.settings" -}}
{{- include "selvage.differing" (dict "values" .Values "defaults" (.Files.Get "files/defaults.yaml" | fromYaml)) -}}
{{- end }}

{{- define "selvage.differing" -}}
{{- $values := .values -}}
{{- $set := dict -}}
{{- range $name, $default := .defaults -}}
{{- if hasKey $values $name -}}
{{- $value := get $values $name -}}
{{- if and (kindIs "map" $default) $default -}}
{{- $inner := include "selvage.differing" (dict "values" $value "defaults" $default) | fromJson -}}
{{- if $inner -}}{{- $_ := set $set $name $inner -}}{{- end -}}
{{- else -}}
{{- if kindIs "string" $default -}}{{- $value = include "selvage.word" (dict "name" $name "value" $value) -}}{{- end -}}
{{- if ne (toRawJson $value) (toRawJson $default) -}}{{- $_ := set $set $name $value -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{ toRawJson $set }}
{{- end }}
