{{- define "alb.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* The name of the release when it says what this is, else both. */ -}}
{{- define "alb.fullname" -}}
{{- $name := include "alb.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "alb.selector" -}}
app.kubernetes.io/name: {{ include "alb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end -}}

{{- define "alb.backendSelector" -}}
app.kubernetes.io/name: {{ include "alb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: default-backend
{{- end -}}

{{- define "alb.labels" -}}
app.kubernetes.io/name: {{ include "alb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "alb.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "alb.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "alb.image" -}}
{{ .Values.controller.image.repository }}:{{ default .Chart.AppVersion .Values.controller.image.tag }}
{{- end -}}

{{- /* Namespaces to look after, separated by commas; empty means all. */ -}}
{{- define "alb.namespaces" -}}
{{- if .Values.scope.singleNamespace -}}
{{- default .Release.Namespace .Values.scope.watchNamespace -}}
{{- end -}}
{{- end -}}

{{- define "alb.leaderElectionId" -}}
{{- default "aws-load-balancer-controller-leader" .Values.controller.leaderElection.id -}}
{{- end -}}

{{- /* Environment of the controller and of the test that plans with the same eyes. */ -}}
{{- define "alb.env" -}}
- name: CLUSTER_NAME
  value: {{ .Values.clusterName | quote }}
- name: AWS_REGION
  value: {{ .Values.aws.region | quote }}
{{- with .Values.aws.endpointUrl }}
- name: AWS_ENDPOINT_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.existingSecret }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $key }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.aws.existingSecret }}
      key: {{ $key }}
{{- end }}
{{- end }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- with .Values.controller.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Flags that say what is looked at; `plan` knows them too. */ -}}
{{- define "alb.viewArgs" -}}
- --ingress-class={{ .Values.scope.ingressClass }}
{{- with include "alb.namespaces" . }}
- --watch-namespace={{ . }}
{{- end }}
{{- with .Values.aws.vpcId }}
- --aws-vpc-id={{ . }}
{{- end }}
{{- if not .Values.route53.enabled }}
- --disable-route53
{{- end }}
{{- if ne .Values.route53.policy "sync" }}
- --dns-policy={{ .Values.route53.policy }}
{{- end }}
{{- with .Values.route53.zoneIds }}
- --dns-zone-id-filter={{ join "," . }}
{{- end }}
{{- with .Values.route53.domains }}
- --dns-domain-filter={{ join "," . }}
{{- end }}
{{- with .Values.route53.zoneRoles }}
- {{ printf "--dns-zone-roles=%s" (join "," .) | quote }}
{{- end }}
{{- if ne .Values.tls.secrets "ignore" }}
- --tls-secrets={{ .Values.tls.secrets }}
{{- end }}
{{- if ne .Values.tls.certificateDiscovery "discover" }}
- --certificate-discovery={{ .Values.tls.certificateDiscovery }}
{{- end }}
{{- with .Values.tls.privateAuthorityArn }}
- --default-pca-arn={{ . }}
{{- end }}
{{- with .Values.defaults.scheme }}
- --default-load-balancer-scheme={{ . }}
{{- end }}
{{- with .Values.defaults.targetType }}
- --default-target-type={{ . }}
{{- end }}
{{- with .Values.defaults.sslPolicy }}
- --default-ssl-policy={{ . }}
{{- end }}
{{- with .Values.defaults.tags }}
{{- $tags := list }}
{{- range $key, $value := . }}
{{- $tags = append $tags (printf "%s=%s" $key $value) }}
{{- end }}
- {{ printf "--default-tags=%s" (join "," $tags) | quote }}
{{- end }}
{{- end -}}
