/** Servers and Ingresses in front of them as objects, for tests that need many and various ones. */

type Annotations = Readonly<Record<string, string>>;
type Path = readonly [path: string, service: string, port?: string | number, type?: string];

/** An Ingress, without what all of them have. */
export type Site = {
  readonly namespace?: string;
  readonly annotations: Annotations;
  readonly host?: string;
  readonly paths?: readonly Path[];
  readonly secret?: string;
};

const path = ([at, service, port = 80, pathType = 'Prefix']: Path): object => ({
  path: at,
  pathType,
  backend: { service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } } },
});

export const ingressOf = (name: string, site: Site): object => {
  const {
    namespace = 'web',
    annotations,
    host = `${name}.example.com`,
    paths = [['/', 'echo']],
    secret,
  } = site;
  const stated = Object.entries(annotations).map(([key, value]) => [
    `alb.ingress.kubernetes.io/${key}`,
    value,
  ]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations: Object.fromEntries(stated) },
    spec: {
      ingressClassName: 'alb',
      ...(secret !== undefined && { tls: [{ hosts: [host], secretName: secret }] }),
      rules: [{ host, http: { paths: paths.map(path) } }],
    },
  };
};

type Container = {
  readonly name: string;
  readonly image: string;
  readonly port: number;
  readonly readinessProbe?: object;
};

/** A Deployment of one Pod with these containers, and its Service; ports of servers without TLS are port 80 of it. */
export const serverOf = (name: string, type: string, containers: readonly Container[]): readonly object[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'web' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: containers.map(({ port, ...it }) => ({
            ...it,
            ports: [{ name: it.name, containerPort: port }],
          })),
        },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'web' },
    spec: {
      type,
      selector: { app: name },
      ports: containers.map((it) => ({
        name: it.name,
        port: it.port === 8080 || it.port === 50_051 ? 80 : it.port,
        targetPort: it.port,
      })),
    },
  },
];

export const ECHO = { name: 'http', image: 'echoserver', port: 8080 };

/** A fixed response, for an `actions.*` annotation. */
export const hello = (messageBody: string): string =>
  JSON.stringify({
    type: 'fixed-response',
    fixedResponseConfig: { contentType: 'text/plain', statusCode: '200', messageBody },
  });

/** For `kubectl apply -f -`. */
export const asText = (objects: readonly object[]): string =>
  objects.map((it) => `\n${JSON.stringify(it)}\n---`).join('');
