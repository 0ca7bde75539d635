/** Ingresses and servers of LBC's end-to-end scenarios, in words of our own. */
import { ECHO, hello, ingressOf, type Site, serverOf } from './site-manifests.ts';

const IP = { 'target-type': 'ip' };
const legacy = (name: string, annotations: Site['annotations']): object =>
  withClass(ingressOf(name, { annotations }), { annotation: 'alb' });

/** Another class than `alb`, by annotation or by name; neither: none at all. */
const withClass = (made: object, { annotation = '', name = '' }): object => {
  const { metadata, spec, ...rest } = made as Record<'metadata' | 'spec', Record<string, object>>;
  const { ingressClassName: _, ...unclassed } = spec;
  return {
    ...rest,
    metadata: {
      ...metadata,
      annotations: {
        ...metadata.annotations,
        ...(annotation && { 'kubernetes.io/ingress.class': annotation }),
      },
    },
    spec: { ...unclassed, ...(name && { ingressClassName: name }) },
  };
};

/** Its Pods wait for a load balancer, and its Service names their port. */
const gated = (name: string): readonly object[] => {
  const pod = {
    metadata: { labels: { app: name } },
    spec: {
      readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/ingress' }],
      containers: [{ name: 'web', image: 'echoserver', ports: [{ name: 'web', containerPort: 8080 }] }],
    },
  };
  const selector = { app: name };
  const metadata = { name, namespace: 'web' };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: selector }, template: pod },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector, ports: [{ port: 80, targetPort: 'web' }] },
    },
  ];
};

const forward = (...services: readonly string[]): string =>
  JSON.stringify({
    type: 'forward',
    forwardConfig: {
      targetGroups: services.map((serviceName) => ({ serviceName, servicePort: 80, weight: 1 })),
    },
  });
const redirect = JSON.stringify({
  type: 'redirect',
  redirectConfig: { host: 'elsewhere.example.com', statusCode: 'HTTP_302' },
});
const broken = hello('broken').replace('"200"', '"503"');
const condition = (field: string, config: object): string => JSON.stringify([{ field, ...config }]);

/** What all scenarios need, in one apply. */
export const scenarioObjects = (): readonly object[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } },
  { ...NGINX, metadata: { name: 'nginx' } },
  ...serverOf('echo', 'NodePort', [ECHO]),
  ...serverOf('other', 'NodePort', [ECHO]),
  ...serverOf('agent', 'NodePort', [ECHO, { name: 'agent', image: 'echoserver', port: 3000 }]),
  ...gated('gated'),
  ingressOf('ip', { annotations: IP }),
  ingressOf('instance', { annotations: {} }),
  legacy('legacy-ip', IP),
  legacy('legacy-instance', {}),
  withClass(ingressOf('of-nginx', { annotations: {} }), { name: 'nginx' }),
  withClass(ingressOf('of-nginx-too', { annotations: {} }), { annotation: 'nginx' }),
  withClass(ingressOf('of-nobody', { annotations: {} }), {}),
  ingressOf('named', { annotations: IP, paths: [['/', 'gated']] }),
  ingressOf('actions', {
    annotations: {
      'actions.broken': broken,
      'actions.one': forward('echo'),
      'actions.two': forward('echo', 'other'),
      'actions.away': redirect,
    },
    paths: ['broken', 'one', 'two', 'away'].map((it) => [`/${it}`, it, 'use-annotation']),
  }),
  ingressOf('conditions', {
    annotations: Object.fromEntries([
      ...['host', 'path', 'header', 'query', 'method', 'source', 'nowhere'].map((it) => [
        `actions.${it}`,
        hello(it),
      ]),
      ['conditions.host', condition('host-header', { hostHeaderConfig: { values: ['too.example.com'] } })],
      ['conditions.path', condition('path-pattern', { pathPatternConfig: { values: ['/path-too'] } })],
      [
        'conditions.header',
        condition('http-header', { httpHeaderConfig: { httpHeaderName: 'X-A', values: ['a*'] } }),
      ],
      [
        'conditions.query',
        condition('query-string', { queryStringConfig: { values: [{ key: 'a', value: 'b' }] } }),
      ],
      [
        'conditions.method',
        condition('http-request-method', { httpRequestMethodConfig: { values: ['POST'] } }),
      ],
      ['conditions.source', condition('source-ip', { sourceIPConfig: { values: ['127.0.0.0/8'] } })],
      ['conditions.nowhere', condition('source-ip', { sourceIPConfig: { values: ['192.0.2.0/24'] } })],
    ]),
    paths: ['host', 'path', 'header', 'query', 'method', 'source', 'nowhere'].map((it) => [
      `/${it}`,
      it,
      'use-annotation',
    ]),
  }),
  ingressOf('before', { host: 'order.example.com', annotations: { 'group.name': 'order' } }),
  ingressOf('wildcard', { host: '*.wild.example.com', annotations: { 'create-acm-cert': 'true' } }),
  ingressOf('several', {
    annotations: IP,
    paths: [
      ['/gated', 'gated'],
      ['/echo', 'echo'],
    ],
  }),
  ingressOf('agent', {
    annotations: { ...IP, 'target-control-port.agent.80': '3000' },
    paths: [['/', 'agent']],
  }),
];

const NGINX = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  spec: { controller: 'k8s.io/ingress-nginx' },
};
