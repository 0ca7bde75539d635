/** Manifests for tests: a web server that answers with a text of its own, and Ingresses in front of it. */

export const INGRESS_CLASS = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: alb }
spec: { controller: ingress.k8s.aws/alb }
---`;

export type ServerOptions = {
  readonly namespace: string;
  readonly name: string;
  readonly replicas?: number;
  /** The spec of its Pods, as it stands behind `spec:`; they listen on port 8080. */
  readonly pod: string;
  readonly type?: 'NodePort' | 'ClusterIP';
};

/** A Deployment, its Service and its namespace. */
export const server = ({ namespace, name, replicas = 2, pod, type = 'NodePort' }: ServerOptions): string => `
apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: ${pod}
---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { type: ${type}, selector: { app: ${name} }, ports: [{ port: 80, targetPort: 8080 }] }
---`;

/** One that answers every request with `text`. */
export const textServer = (
  namespace: string,
  name: string,
  text: string,
  type: ServerOptions['type'] = 'NodePort',
): string =>
  server({
    ...{ namespace, name, type },
    pod: `
      containers:
        - name: web
          image: http-text-response:1
          env: [{ name: RESPONSE_BODY, value: ${text} }]
          ports: [{ containerPort: 8080 }]`,
  });

/** A Secret of namespace `web`. */
export const secret = (
  name: string,
  stringData: Readonly<Record<string, string>>,
  type: 'Opaque' | 'kubernetes.io/tls' = 'Opaque',
): string =>
  `\n${JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace: 'web' }, stringData })}\n---\n`;

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
