/** The one place that makes clusters for laws: two namespaces, three Ingresses, few names, so that they often meet. */
import fc from 'fast-check';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import type { Ingress } from '../../src/core/kube/objects.ts';
import type { Snapshot } from '../../src/core/kube/snapshot.ts';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import type { Facts } from '../../src/core/model/facts.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { planStack } from '../../src/core/plan/plan-stack.ts';
import { afterPlan } from '../../src/core/plan/simulate.ts';
import type { Problem } from '../../src/core/problems/table.ts';
import { finalizerOf, memberships } from '../../src/core/translate/membership.ts';
import { stacksOf } from '../../src/core/translate/stacks.ts';
import { CERTIFICATE as PEM, PRIVATE_KEY } from '../contract/aws-certificate.ts';

const SCOPE = { ingressClass: 'alb', namespaces: [] };
const GRACES = { loadBalancer: 60, targetGroup: 300 };
const PREFIX = 'alb.ingress.kubernetes.io/';
export const CERTIFICATE =
  'arn:aws:acm:eu-west-1:123456789012:certificate/11111111-1111-1111-1111-111111111111';

export const FACTS: Facts = {
  region: 'eu-west-1',
  vpc: 'vpc-1',
  vpcCidrs: ['10.0.0.0/16'],
  targetGroups: [],
  subnets: ['a', 'b'].map((zone) => ({
    id: `subnet-${zone}`,
    vpc: 'vpc-1',
    zone,
    freeAddresses: 99,
    hasIpv6: true,
    public: true,
    tags: { 'kubernetes.io/role/elb': '1', 'kubernetes.io/role/internal-elb': '1' },
  })),
  securityGroups: [{ id: 'sg-1', name: 'one', vpc: 'vpc-1', tags: {} }],
  zones: [{ id: 'Z1', name: 'example.com', private: false }],
  certificates: [{ arn: CERTIFICATE, domains: [], status: 'ISSUED' }],
};

export type Path = {
  readonly host: string;
  readonly path: string;
  readonly type: 'Prefix' | 'Exact' | 'ImplementationSpecific' | 'Regex';
  readonly service: string;
  readonly port: number;
};

export type Wanted = {
  readonly namespace: 'a' | 'b';
  readonly name: string;
  readonly created: string;
  readonly className: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly paths: readonly Path[];
  readonly fallback: string | undefined;
};

export type Cluster = {
  readonly ingresses: readonly Wanted[];
  readonly serviceAnnotations: Readonly<Record<string, string>>;
  readonly pods: readonly string[];
};

const path: fc.Arbitrary<Path> = fc.record({
  host: fc.constantFrom('x.example.com', 'y.example.com', '*.example.com', ''),
  path: fc.constantFrom('/', '/a', '/a/b', '/c/'),
  type: fc.constantFrom('Prefix', 'Prefix', 'Exact', 'ImplementationSpecific'),
  service: fc.constantFrom('s', 't', 'act'),
  port: fc.constant(80),
});

/** Values an Ingress may state; what is not stated is the default. */
const STATEMENTS: Readonly<Record<string, readonly string[]>> = {
  scheme: ['internal', 'internet-facing'],
  'listen-ports': ['[{"HTTP":80}]', '[{"HTTP":8080}]', '[{"HTTP":80},{"HTTPS":443}]'],
  'certificate-arn': [CERTIFICATE],
  'tls-secrets': ['import'],
  'create-acm-cert': ['true'],
  tags: ['team=a', 'team=b,cost=1'],
  'inbound-cidrs': ['10.0.0.0/8', '192.168.0.0/16'],
  'load-balancer-attributes': ['idle_timeout.timeout_seconds=60'],
  'target-type': ['ip', 'instance'],
  'healthcheck-path': ['/healthz'],
  'security-groups': ['sg-1'],
  'group.order': ['-1', '1'],
  'share-hosts-with': ['*', 'b', 'a'],
  'ssl-redirect': ['443'],
  'enable-frontend-nlb': ['true', 'true', 'false'],
  'frontend-nlb-scheme': ['internal', 'internet-facing'],
  'frontend-nlb-listener-port-mapping': ['80=80', '81=80', '80=8080'],
  'conditions.t': ['[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]'],
};

const ACTION =
  '{"type":"fixed-response","fixedResponseConfig":{"contentType":"text/plain","statusCode":"410"}}';

const annotations = fc
  .tuple(
    fc.subarray(Object.keys(STATEMENTS), { maxLength: 6 }),
    fc.constantFrom(undefined, 'g', 'g', 'g'),
    fc.nat(5),
  )
  .map(
    ([names, group, choice]): Readonly<Record<string, string>> => ({
      ...Object.fromEntries(
        names.map((name) => [name, STATEMENTS[name]?.[choice % (STATEMENTS[name]?.length ?? 1)] ?? '']),
      ),
      ...(group && { 'group.name': group }),
      'actions.act': ACTION,
    }),
  );

const wanted = (namespace: 'a' | 'b', name: string): fc.Arbitrary<Wanted> =>
  fc.record({
    namespace: fc.constant(namespace),
    name: fc.constant(name),
    created: fc.constantFrom('2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'),
    className: fc.constant('alb'),
    annotations,
    paths: fc.uniqueArray(path, { selector: (it) => `${it.host}${it.path}${it.type}`, maxLength: 4 }),
    fallback: fc.option(fc.constantFrom('s', 't'), { nil: undefined, freq: 3 }),
  });

export const cluster: fc.Arbitrary<Cluster> = fc.record({
  ingresses: fc.tuple(wanted('a', 'one'), wanted('a', 'two'), wanted('b', 'three')),
  serviceAnnotations: fc.constantFrom({}, {}, { 'healthcheck-path': '/from-service' }),
  pods: fc.subarray(['10.0.0.1', '10.0.0.2', '10.9.9.9']),
});

export const idOf = (it: Wanted): string => `${it.namespace}/${it.name}`;

/** Both backends of a kind: a name that stands for an action says so by its port. */
const backend = (service: string, port: number) => ({
  service: { name: service, port: service === 'act' ? { name: 'use-annotation' } : { number: port } },
});

const prefixed = (of: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [`${PREFIX}${name}`, value]));

const ingress = (it: Wanted, finalizers: readonly string[]) => ({
  kind: 'Ingress',
  metadata: {
    name: it.name,
    namespace: it.namespace,
    creationTimestamp: it.created,
    finalizers,
    annotations: prefixed(it.annotations),
  },
  spec: {
    ingressClassName: it.className,
    tls: [{ hosts: ['shop.example.com'], secretName: 'tls' }],
    ...(it.fallback && { defaultBackend: backend(it.fallback, 80) }),
    rules: it.paths.map(({ host, path: value, type, service, port }) => ({
      ...(host && { host }),
      http: { paths: [{ path: value, pathType: type, backend: backend(service, port) }] },
    })),
  },
});

const services = ({ serviceAnnotations, pods }: Cluster): readonly AnyObject[] =>
  ['a', 'b'].flatMap((namespace) =>
    ['s', 't'].flatMap((name, index) => {
      const metadata = { name, namespace, uid: `${namespace}-${name}`, annotations: {} };
      const own = name === 's' ? prefixed(serviceAnnotations) : {};
      const nodePort = 30_000 + index + (namespace === 'a' ? 0 : 10);
      const labels = { 'kubernetes.io/service-name': name };
      const service = {
        kind: 'Service',
        metadata: { ...metadata, annotations: own },
        spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort }] },
      };
      const slice = {
        kind: 'EndpointSlice',
        metadata: { name: `${name}-1`, namespace, labels },
        addressType: 'IPv4',
        ports: [{ port: 8080 }],
        endpoints: pods.map((address) => ({ addresses: [address] })),
      };
      return [service, slice];
    }),
  );

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** One to log in with, one that lacks what it takes, and one to serve. */
const SECRETS: readonly AnyObject[] = [
  ['tls', { 'tls.crt': base64(PEM), 'tls.key': base64(PRIVATE_KEY) }],
  ['login', { clientID: 'Yw==', clientSecret: 'cw==' }],
  ['empty', {}],
].map(([name, data]) => ({
  kind: 'Secret',
  metadata: { name, namespace: 'a', uid: `a-${name}` },
  data,
})) as AnyObject[];

/** The account and the marks on the Ingresses, as earlier passes left them. */
export type State = {
  readonly actuals: ReadonlyMap<string, Actual>;
  readonly finalizers: ReadonlyMap<string, readonly string[]>;
};

export const EMPTY: State = { actuals: new Map(), finalizers: new Map() };

export const snapshotOf = (of: Cluster, { finalizers }: State): Snapshot =>
  snapshotFromObjects([
    {
      kind: 'IngressClass',
      metadata: { name: 'alb' },
      spec: { controller: 'ingress.k8s.aws/alb' },
    } as AnyObject,
    {
      kind: 'Node',
      metadata: { name: 'n-1' },
      spec: { providerID: 'aws:///eu-west-1a/i-0aaa' },
    } as AnyObject,
    ...services(of),
    ...SECRETS,
    ...of.ingresses.map((it) => ingress(it, finalizers.get(idOf(it)) ?? [])),
  ]);

export type Pass = {
  readonly state: State;
  readonly operations: readonly Operation[];
  /** The same by stack. */
  readonly plans: ReadonlyMap<string, readonly Operation[]>;
  readonly holds: number;
  readonly problems: readonly Problem[];
};

/** One pass over every stack, as the controller does it: plan, apply, put finalizers on and take them off. */
export const pass = (
  of: Cluster,
  before: State,
  see = (snapshot: Snapshot): Snapshot => snapshot,
  facts: Facts = FACTS,
): Pass => {
  const snapshot = see(snapshotOf(of, before));
  const stacks = new Map([
    ...[...before.actuals.keys()].map((stack) => [stack, [] as readonly string[]] as const),
    ...stacksOf(snapshot, SCOPE),
  ]);
  const finalizers = new Map(before.finalizers);
  const planned = [...stacks].map(([stack, ingresses]) => {
    const actual = before.actuals.get(stack) ?? NOTHING;
    const common = { stack, ingresses, snapshot, facts, actual, scope: SCOPE };
    const made = planStack({ ...common, cluster: 'dev', dns: true }, GRACES);
    const mark = (id: string, on: boolean): void => {
      const others = (finalizers.get(id) ?? []).filter((it) => it !== finalizerOf(stack));
      finalizers.set(id, on ? [...others, finalizerOf(stack)] : others);
    };
    for (const id of ingresses) if (leaves(snapshot.ingresses.get(id), stack, snapshot)) mark(id, false);
    for (const member of made.desired.accepted) mark(member.id, true);
    return { stack, made, after: afterPlan(actual, made.plan.operations) };
  });
  return {
    state: { actuals: new Map(planned.map((it) => [it.stack, it.after])), finalizers },
    operations: planned.flatMap((it) => it.made.plan.operations),
    plans: new Map(planned.map((it) => [it.stack, it.made.plan.operations])),
    holds: planned.reduce((sum, it) => sum + it.made.plan.holds.length, 0),
    problems: planned.flatMap((it) => it.made.problems),
  };
};

const leaves = (found: Ingress | undefined, stack: string, snapshot: Snapshot): boolean =>
  found !== undefined &&
  memberships(found, snapshot, SCOPE).some((it) => it.is === 'leaving' && it.stack === stack);
