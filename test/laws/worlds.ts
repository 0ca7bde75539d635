/** The one place that makes graphs for laws: small closed worlds, so that collisions and relations happen often. */
import fc from 'fast-check';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { certificateIdentity, certificateKey } from '../../src/core/model/certificate.ts';
import {
  dnsRecordKey,
  type Key,
  listenerKey,
  loadBalancerKey,
  securityGroupKey,
  targetGroupKey,
} from '../../src/core/model/key.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { type Action, ruleKey } from '../../src/core/model/rule.ts';
import type { Scheme } from '../../src/core/model/scheme.ts';

const STACK = 'ns/web';

type Backend = { readonly service: 'a' | 'b' | 'c'; readonly port: 80 | 81 };

/** What a user might want, before it is a graph. */
export type Wish = {
  readonly scheme: Scheme;
  readonly ownGroup: boolean;
  readonly idle: string | undefined;
  readonly name: 'k8s-one' | 'k8s-two' | undefined;
  readonly ports: readonly (80 | 443 | 8080)[];
  /** Names in the certificates of port 443, each with how often its Secret was renewed; none: it is plain HTTP. */
  readonly certificates: readonly { readonly name: string; readonly renewals: number }[];
  readonly rules: readonly { readonly path: string; readonly to: Backend | 'fixed' }[];
  readonly fallback: Backend | 'fixed';
  readonly hosts: readonly string[];
  readonly interval: number;
  readonly targets: readonly string[];
};

const backend = fc.record({
  service: fc.constantFrom('a', 'b', 'c'),
  port: fc.constantFrom(80, 81),
}) as fc.Arbitrary<Backend>;
const to = fc.oneof(backend, fc.constant('fixed' as const));

export const wish: fc.Arbitrary<Wish> = fc.record({
  scheme: fc.constantFrom('internal', 'internet-facing'),
  ownGroup: fc.boolean(),
  idle: fc.option(fc.constantFrom('30', '60'), { nil: undefined }),
  name: fc.option(fc.constantFrom('k8s-one', 'k8s-two'), { nil: undefined, freq: 3 }),
  ports: fc
    .uniqueArray(fc.constantFrom(80, 443, 8080), { minLength: 1, maxLength: 2 })
    .map((ports) => ports.toSorted((a, b) => a - b)) as fc.Arbitrary<(80 | 443 | 8080)[]>,
  certificates: fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom('x.example.com', 'y.example.com', 'z.example.com'),
        renewals: fc.constantFrom(0, 1),
      }),
      { selector: ({ name }) => name, maxLength: 3 },
    )
    .map((all) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1))),
  rules: fc.uniqueArray(fc.record({ path: fc.constantFrom('/p', '/q', '/r', '/s', '/t'), to }), {
    selector: (rule) => rule.path,
    maxLength: 5,
  }),
  fallback: to,
  hosts: fc.uniqueArray(fc.constantFrom('x.example.com', 'y.example.com'), { maxLength: 2 }),
  interval: fc.constantFrom(10, 15),
  targets: fc
    .uniqueArray(fc.constantFrom('i-1', 'i-2', 'i-3'), { maxLength: 3 })
    .map((ids) => ids.toSorted()),
});

const resource = (it: Resource): Resource => it;

/** The graph that fulfils a wish; an empty one for no wish. */
export const graphOf = (it: Wish | undefined): Graph => {
  const graph = new Map<Key, Resource>();
  if (!it) return graph;
  const add = (made: Resource): void => void graph.set(made.key, resource(made));
  const tags = { stack: STACK };
  const group = securityGroupKey(STACK);
  if (it.ownGroup)
    add({
      kind: 'security-group',
      key: group,
      spec: {
        name: 'k8s-web',
        description: 'd',
        vpc: 'v',
        inbound: it.ports.map((port) => ({
          protocol: 'tcp',
          fromPort: port,
          toPort: port,
          cidr: '0.0.0.0/0',
        })),
        tags,
      },
    });
  const balancer = loadBalancerKey(STACK, it.scheme);
  add({
    kind: 'load-balancer',
    key: balancer,
    spec: {
      name: it.name ?? `k8s-${it.scheme}`,
      scheme: it.scheme,
      ipAddressType: 'ipv4',
      subnets: ['s-1', 's-2'],
      securityGroups: it.ownGroup ? [group] : ['sg-1'],
      attributes: it.idle ? { idle: it.idle } : {},
      tags,
    },
  });
  const action = (target: Backend | 'fixed'): Action => {
    if (target === 'fixed')
      return { type: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: '' };
    const fixed = {
      targetType: 'instance',
      protocol: 'HTTP',
      protocolVersion: 'HTTP1',
      port: target.port,
    } as const;
    const key = targetGroupKey(balancer, `${STACK}-${target.service}:80`, fixed);
    add({
      kind: 'target-group',
      key,
      spec: {
        ...fixed,
        name: `k8s-${target.service}-${target.port}-0123456789`,
        loadBalancer: balancer,
        vpc: 'v',
        healthCheck: {
          protocol: 'HTTP',
          port: 'traffic-port',
          path: '/',
          interval: it.interval,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
          codes: '200',
        },
        attributes: {},
        targets: it.targets.map((id) => ({ id, port: target.port })),
        tags,
      },
    });
    return { type: 'forward', targetGroups: [{ targetGroup: key, weight: 1 }] };
  };
  const certificateFor = ({ name, renewals }: Wish['certificates'][number]): Key<'certificate'> => {
    const fixed = {
      origin: 'imported',
      domains: [name],
      secret: `ns/${name}`,
      keyAlgorithm: 'RSA_2048',
    } as const;
    const key = certificateKey(STACK, certificateIdentity(fixed));
    add({
      kind: 'certificate',
      key,
      spec: {
        ...fixed,
        content: String(renewals),
        issued: true,
        tags: { ...tags, content: String(renewals) },
      },
    });
    return key;
  };
  const serves: Key[] = [];
  for (const port of it.ports) {
    const listener = listenerKey(balancer, port);
    serves.push(listener);
    add({
      kind: 'listener',
      key: listener,
      spec: {
        loadBalancer: balancer,
        port,
        protocol: port === 443 && it.certificates.length > 0 ? 'HTTPS' : 'HTTP',
        certificates: port === 443 ? it.certificates.map(certificateFor) : [],
        sslPolicy: '',
        defaultActions: [action(it.fallback)],
        tags,
      },
    });
    it.rules.forEach((rule, index) => {
      const conditions = [{ field: 'path-pattern' as const, values: [rule.path] }];
      const key = ruleKey(listener, conditions);
      serves.push(key);
      add({
        kind: 'rule',
        key,
        spec: { listener, priority: index + 1, conditions, actions: [action(rule.to)], tags },
      });
    });
  }
  for (const name of it.hosts)
    add({
      kind: 'dns-record',
      key: dnsRecordKey('Z1', name),
      spec: { zone: 'Z1', name, types: ['A'], alias: balancer, evaluateTargetHealth: true, serves },
    });
  return graph;
};

/** AWS as it is when a wish was fulfilled earlier. */
export const actualOf = (it: Wish | undefined): Actual => ({ ...NOTHING, owned: graphOf(it) });

/** A wish and a later one that shares most of it: the interesting changes are small. */
export const twoWishes: fc.Arbitrary<readonly [Wish | undefined, Wish | undefined]> = fc.oneof(
  fc.tuple(wish, wish),
  fc
    .tuple(
      wish,
      wish,
      fc.constantFrom(
        ...([
          'scheme',
          'ownGroup',
          'idle',
          'name',
          'ports',
          'certificates',
          'rules',
          'fallback',
          'hosts',
          'interval',
          'targets',
        ] as const),
      ),
    )
    .map(([a, b, field]): readonly [Wish, Wish] => [a, { ...a, [field]: b[field] }]),
  fc.tuple(wish, fc.constant(undefined)),
  fc.tuple(fc.constant(undefined), wish),
);

/** The same graph, its resources in another order. */
export const shuffled = (graph: Graph, seed: number): Graph => {
  const entries = [...graph];
  let state = seed;
  for (let i = entries.length - 1; i > 0; i--) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const j = state % (i + 1);
    [entries[i], entries[j]] = [entries[j], entries[i]] as [
      (typeof entries)[number],
      (typeof entries)[number],
    ];
  }
  return new Map(entries);
};
