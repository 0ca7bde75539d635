/** Manifests for tests: a web server that answers with a text of its own, and Ingresses in front of it. */

export const INGRESS_CLASS = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: alb }
spec: { controller: ingress.k8s.aws/alb }
---`;

/** A Deployment that answers every request with `text`, and its Service. */
export const textServer = (
  namespace: string,
  name: string,
  text: string,
  type: 'NodePort' | 'ClusterIP' = 'NodePort',
): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: web
          image: http-text-response:1
          env: [{ name: RESPONSE_BODY, value: ${text} }]
          ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { type: ${type}, selector: { app: ${name} }, ports: [{ port: 80, targetPort: 8080 }] }
---`;

export type IngressOptions = {
  readonly namespace: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly host?: string;
  /** Path and Service; `/` to the Service named like the Ingress when absent. */
  readonly paths?: readonly (readonly [string, string])[];
};

export const ingress = ({
  namespace,
  name,
  annotations = {},
  host = `${name}.example.com`,
  paths = [['/', name]],
}: IngressOptions): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations: ${JSON.stringify(Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value])))}
spec:
  ingressClassName: alb
  rules:
    - host: ${JSON.stringify(host)}
      http:
        paths:
${paths.map(([path, service]) => `          - { path: ${JSON.stringify(path)}, pathType: Prefix, backend: { service: { name: ${service}, port: { number: 80 } } } }`).join('\n')}
---`;
