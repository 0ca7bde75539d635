/** A stack with one or more of everything, as translation would want it. */
import {
  dnsRecordKey,
  type Key,
  type Kind,
  listenerKey,
  loadBalancerKey,
  securityGroupKey,
  targetGroupKey,
} from '../../src/core/model/key.ts';
import {
  loadBalancerName,
  ownershipTags,
  SECURITY_GROUP_DESCRIPTION,
  securityGroupName,
  targetGroupName,
  targetGroupResource,
} from '../../src/core/model/names.ts';
import type {
  Graph,
  HealthCheck,
  LoadBalancerSpec,
  Resource,
  Specs,
  TargetGroupSpec,
} from '../../src/core/model/resource.ts';
import { type Action, type Condition, ruleKey, type Transform } from '../../src/core/model/rule.ts';
import type { Scheme } from '../../src/core/model/scheme.ts';
import type { Fixtures } from './aws-world.ts';

export const CLUSTER = 'dev';
export const STACK = 'shop/web';

export const resource = <K extends Kind>(kind: K, key: Key<K>, spec: Specs[K]): Resource =>
  ({ kind, key, spec }) as unknown as Resource;

export const graphOf = (...resources: readonly Resource[]): Graph =>
  new Map(resources.map((one) => [one.key, one]));

/** The graph with some fields of one resource replaced. */
export const withChange = <K extends Kind>(graph: Graph, key: Key<K>, change: Partial<Specs[K]>): Graph => {
  const found = graph.get(key);
  if (!found) throw new Error(`no ${key} in the sample`);
  return new Map(graph).set(key, { ...found, spec: { ...found.spec, ...change } } as unknown as Resource);
};

export const without = (graph: Graph, ...keys: readonly Key[]): Graph =>
  new Map([...graph].filter(([key]) => !keys.includes(key)));

export const CHECK: HealthCheck = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  interval: 15,
  timeout: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  codes: '200',
};

const targetGroup = (
  fixtures: Fixtures,
  loadBalancer: Key<'load-balancer'>,
  service: string,
  more: Pick<TargetGroupSpec, 'targetType' | 'port' | 'targets'> & Partial<TargetGroupSpec>,
): Resource<'target-group'> => {
  const fixed = { protocol: 'HTTP', protocolVersion: 'HTTP1', ...more } as const;
  const resourceId = targetGroupResource(STACK, service, '80');
  return {
    kind: 'target-group',
    key: targetGroupKey(loadBalancer, resourceId, fixed),
    spec: {
      name: targetGroupName({
        cluster: CLUSTER,
        stack: STACK,
        ingress: STACK,
        service,
        serviceUid: `uid-of-${service}`,
        servicePort: '80',
        targetGroupPort: fixed.port,
        targetType: fixed.targetType,
        protocol: fixed.protocol,
        protocolVersion: fixed.protocolVersion,
      }),
      loadBalancer,
      vpc: fixtures.vpc,
      healthCheck: CHECK,
      attributes: { 'deregistration_delay.timeout_seconds': '30' },
      tags: ownershipTags(CLUSTER, STACK, resourceId),
      ...fixed,
    },
  };
};

export const NOT_FOUND: Action = {
  type: 'fixed-response',
  statusCode: '404',
  contentType: 'text/plain',
  messageBody: 'nothing here',
};

const forward = (...targetGroups: readonly Key<'target-group'>[]): Action => ({
  type: 'forward',
  targetGroups: targetGroups.map((group, i) => ({ targetGroup: group, weight: i + 1 })),
});

const HOST_AND_PATH: readonly Condition[] = [
  { field: 'host-header', values: ['shop.example.com'] },
  { field: 'path-pattern', values: ['/api', '/api/*'] },
];
const EVERYTHING_ELSE: readonly Condition[] = [
  { field: 'http-header', header: 'X-Canary', values: ['yes', 'please'] },
  { field: 'http-request-method', values: ['GET'] },
  { field: 'query-string', pairs: [{ key: 'v', value: '2' }] },
  { field: 'source-ip', values: ['10.0.0.0/8'] },
];
const REGEX: readonly Condition[] = [{ field: 'path-pattern', regexValues: ['^/v[0-9]+/'] }];

const TRANSFORMS: readonly Transform[] = [
  { type: 'host-header-rewrite', regex: '.*', replace: 'internal.example.com' },
  { type: 'url-rewrite', regex: '^/shop/(.*)$', replace: '/$1' },
];

const REDIRECT: Action = {
  type: 'redirect',
  protocol: 'HTTPS',
  host: '#{host}',
  port: '443',
  path: '/#{path}',
  query: '#{query}',
  statusCode: 'HTTP_301',
};

export type Sample = {
  readonly graph: Graph;
  readonly group: Key<'security-group'>;
  readonly balancer: Key<'load-balancer'>;
  readonly instances: Key<'target-group'>;
  readonly addresses: Key<'target-group'>;
  readonly http: Key<'listener'>;
  readonly https: Key<'listener'>;
  readonly rules: readonly Key<'rule'>[];
  readonly record: Key<'dns-record'>;
};

export const sample = (fixtures: Fixtures, scheme: Scheme = 'internet-facing'): Sample => {
  const group = securityGroupKey(STACK);
  const balancer = loadBalancerKey(STACK, scheme);
  const instances = targetGroup(fixtures, balancer, 'web', {
    targetType: 'instance',
    port: 31027,
    targets: fixtures.instances.map((id) => ({ id, port: 31027 })),
  });
  const addresses = targetGroup(fixtures, balancer, 'api', {
    targetType: 'ip',
    port: 8080,
    targets: [
      { id: fixtures.address, port: 8080 },
      { id: '192.168.7.1', port: 8080, zone: 'all' },
    ],
  });
  const http = listenerKey(balancer, 80);
  const https = listenerKey(balancer, 443);
  const rule = (
    priority: number,
    conditions: readonly Condition[],
    action: Action,
    transforms?: readonly Transform[],
  ): Resource<'rule'> => ({
    kind: 'rule',
    key: ruleKey(https, conditions),
    spec: {
      listener: https,
      priority,
      conditions,
      actions: [action],
      ...(transforms && { transforms }),
      tags: ownershipTags(CLUSTER, STACK, `443:${priority}`),
    },
  });
  const rules = [
    rule(100, HOST_AND_PATH, { ...forward(addresses.key, instances.key), stickinessSeconds: 60 } as Action),
    rule(200, EVERYTHING_ELSE, forward(instances.key), TRANSFORMS),
    rule(300, REGEX, NOT_FOUND),
  ];
  const record = dnsRecordKey(fixtures.zone, 'shop.example.com');
  const graph = graphOf(
    resource('security-group', group, securityGroup(fixtures)),
    instances,
    addresses,
    resource('load-balancer', balancer, loadBalancer(fixtures, group, scheme)),
    resource('listener', http, {
      loadBalancer: balancer,
      port: 80,
      protocol: 'HTTP',
      certificates: [],
      sslPolicy: '',
      defaultActions: [REDIRECT],
      tags: ownershipTags(CLUSTER, STACK, '80'),
    }),
    resource('listener', https, {
      loadBalancer: balancer,
      port: 443,
      protocol: 'HTTPS',
      certificates: fixtures.certificates.slice(0, 2),
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      attributes: { 'routing.http.response.server.enabled': 'false' },
      defaultActions: [forward(instances.key)],
      tags: ownershipTags(CLUSTER, STACK, '443'),
    }),
    ...rules,
    resource('dns-record', record, {
      zone: fixtures.zone,
      name: 'shop.example.com',
      types: ['A'],
      alias: balancer,
      evaluateTargetHealth: false,
      serves: [],
    }),
  );
  return {
    graph,
    group,
    balancer,
    instances: instances.key,
    addresses: addresses.key,
    http,
    https,
    rules: rules.map(({ key }) => key),
    record,
  };
};

const securityGroup = (fixtures: Fixtures): Specs['security-group'] => ({
  name: securityGroupName(CLUSTER, STACK),
  description: SECURITY_GROUP_DESCRIPTION,
  vpc: fixtures.vpc,
  inbound: [
    { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '0.0.0.0/0' },
    { protocol: 'tcp', fromPort: 443, toPort: 443, cidr: '0.0.0.0/0' },
    { protocol: 'tcp', fromPort: 443, toPort: 443, cidr6: '::/0' },
  ],
  tags: ownershipTags(CLUSTER, STACK, 'ManagedLBSecurityGroup'),
});

const loadBalancer = (
  fixtures: Fixtures,
  group: Key<'security-group'>,
  scheme: Scheme,
): LoadBalancerSpec => ({
  name: loadBalancerName(CLUSTER, STACK, scheme),
  scheme,
  ipAddressType: 'ipv4',
  subnets: fixtures.subnets.slice(0, 2),
  securityGroups: [group, fixtures.group].sort() as LoadBalancerSpec['securityGroups'],
  attributes: { 'idle_timeout.timeout_seconds': '120' },
  tags: { ...ownershipTags(CLUSTER, STACK, 'LoadBalancer'), team: 'shop' },
});
