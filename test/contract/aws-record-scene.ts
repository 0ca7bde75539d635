/** Ingresses and hosted zones on the sandbox's AWS: what stood there, what was applied, what stands there then. */
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import type { AwsOptions } from '../../src/aws/aws.ts';
import { applyPlan, type Outcome } from '../../src/controller/apply.ts';
import { makeTakeOvers } from '../../src/controller/take-overs.ts';
import { heirsOf } from '../../src/core/adopt/heir.ts';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { type RecordRules, USUAL_RECORD_RULES } from '../../src/core/model/record-rules.ts';
import { planStack } from '../../src/core/plan/plan-stack.ts';
import { namesToLookUp } from '../../src/core/plan/record-names.ts';
import { renderPlan } from '../../src/core/plan/render.ts';
import type { Aws } from '../../src/core/ports.ts';
import { startWorld, type World } from './aws-world.ts';
import { lineOf, parseLine } from './record-lines.ts';

export type Applied = {
  /** What the last plan that did anything says, records only. */
  readonly plan: string;
  /** `Code: message`. */
  readonly problems: readonly string[];
  readonly outcomes: readonly Outcome[];
};

export type Wish = {
  readonly cluster?: string;
  readonly hosts?: readonly string[];
  /** Names without a slash get the prefix of external-dns. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** No Ingress at all, as after a list that came back empty. */
  readonly vanished?: boolean;
  /** The Ingress is there and is being deleted. */
  readonly deleted?: boolean;
  /** The group the Ingress comes from. */
  readonly from?: string;
  readonly dns?: boolean;
  readonly rules?: Partial<RecordRules>;
  readonly access?: Partial<AwsOptions>;
  /** A connection that is used again; default a new one, as after a restart. */
  readonly aws?: Aws;
  /** Passes at most. */
  readonly passes?: number;
  /** The controller's clock, in milliseconds since the epoch. */
  readonly now?: number;
  /** What the health checks find. */
  readonly targets?: 'healthy' | 'unhealthy';
};

export type Scene = {
  readonly world: World;
  /** Empties the zones and puts these lines there: `TYPE name -> us|other` or `TYPE name TTL value`, ` [set …]`. */
  given(lines: readonly string[], zone?: string): Promise<void>;
  apply(wish: Wish): Promise<Applied>;
  /** What stands in a zone, in the same form, without NS and SOA. */
  records(zone?: string): readonly string[];
  stop(): Promise<void>;
};

const STACK = 'shop/web';
const ZONES = ['ZEX', 'ZEXP', 'ZDEV'];

export const startScene = async (): Promise<Scene> => {
  const world = await startWorld();
  const client = new Route53Client({ region: world.region, endpoint: world.endpoint });
  const names = new Map<string, { readonly dnsName: string; readonly zone: string }>();
  await world.tamper.loadBalancer('other', {});
  const learn = (): void => {
    for (const {
      DNSName = '',
      CanonicalHostedZoneId: zone = '',
      LoadBalancerName: name,
    } of world.state.loadBalancers.values())
      names.set(name === 'other' ? 'other' : name === 'prod-us' ? 'prod' : 'us', {
        dnsName: DNSName.toLowerCase(),
        zone,
      });
  };
  const change = async (zone: string, Changes: Change[]): Promise<void> => {
    for (let i = 0; i < Changes.length; i += 400)
      await client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zone,
          ChangeBatch: { Changes: Changes.slice(i, i + 400) },
        }),
      );
  };
  const stored = (zone: string): readonly ResourceRecordSet[] =>
    [...(world.state.zones.get(zone)?.records.values() ?? [])].filter(
      ({ Type }) => Type !== 'NS' && Type !== 'SOA',
    );
  const apply = (wish: Wish): Promise<Applied> => applyWish(world, wish).finally(learn);
  await apply({ hosts: ['shop.example.com'], dns: false });
  return {
    world,
    apply,
    given: async (lines, zone = 'ZEX') => {
      for (const each of ZONES)
        await change(
          each,
          stored(each).map((record) => ({ Action: 'DELETE', ResourceRecordSet: record })),
        );
      await change(
        zone,
        lines.map((line) => ({ Action: 'CREATE', ResourceRecordSet: parseLine(line, names) })),
      );
    },
    records: (zone = 'ZEX') =>
      stored(zone)
        .map((record) => lineOf(record, names))
        .sort(),
    stop: () => world.stop(),
  };
};

const applyWish = async (world: World, wish: Wish): Promise<Applied> => {
  const { cluster = 'dev', access = {}, passes = 6, now, targets = 'healthy' } = wish;
  world.targetsAre(targets);
  const aws = wish.aws ?? world.connect({ clusterName: cluster, ...access });
  const snapshot = snapshotFromObjects(wish.vanished ? BACKEND : [...BACKEND, ingressOf(wish)]);
  const found = await aws.inventory();
  if (!wish.vanished && !wish.deleted && !wish.from && found.length > 1) throw new Error(`stacks: ${found}`);
  const ingresses = wish.vanished ? [] : [STACK];
  const rules = { ...USUAL_RECORD_RULES, ...wish.rules };
  const retirements = new Map();
  const takeOvers = makeTakeOvers(0);
  const outcomes: Outcome[] = [];
  let plan = 'nothing to do\n';
  let problems: readonly string[] = [];
  let observed = await aws.observe(STACK, heirsOf(ingresses, snapshot));
  for (let pass = 0; pass < passes; pass++) {
    const facts = await aws.facts(0);
    const input = { stack: STACK, ingresses, snapshot, facts, cluster, scope: SCOPE, dns: wish.dns ?? true };
    const planned = (actual: typeof observed) =>
      planStack({ ...input, actual, recordRules: rules }, { loadBalancer: 0, targetGroup: 0 });
    const names = namesToLookUp(planned(observed).desired, observed);
    if (names.length > 0) observed = await aws.lookUpNames(observed, STACK, names);
    const made = planned(observed);
    if (pass === 0) plan = recordsOnly(renderPlan(made.plan));
    problems = made.problems.map(({ code, message }) => `${code}: ${message}`);
    if (made.plan.operations.length === 0) break;
    const signal = new AbortController().signal;
    const clock = { now: () => now ?? Date.now(), sleep: async () => undefined };
    const { outcomes: done, actual } = await applyPlan(made.plan, observed, {
      aws,
      clock,
      retirements,
      takeOvers,
      onDone: () => undefined,
      signal,
    });
    outcomes.push(...done);
    observed = done.some(({ result }) => result.status === 'failed')
      ? await aws.observe(STACK, heirsOf(ingresses, snapshot))
      : actual;
    world.balancersAre('active');
    world.targetsAre(targets);
    if (done.every(({ result }) => result.status !== 'done')) break;
  }
  return { plan, problems, outcomes };
};

/** Operations and holds about records, with the lines below each. */
const recordsOnly = (plan: string): string =>
  plan
    .split(/\n(?=\S)/)
    .filter((part) => /^\S+ \S+ dns-record\//.test(part))
    .join('\n');

const SCOPE = { ingressClass: 'alb', namespaces: [] };

const BACKEND = [
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'a' },
    spec: { providerID: 'aws:///eu-west-1a/i-0aaa' },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: 'ingress.k8s.aws/alb' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 31001 }] },
  },
];

const PATHS = [
  { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
];

const ingressOf = ({ hosts = ['shop.example.com'], annotations = {}, deleted, from }: Wish) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: 'web',
    namespace: 'shop',
    finalizers: ['ingress.k8s.aws/resources', ...(from ? [`group.ingress.k8s.aws/${from}`] : [])],
    ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    annotations: {
      'alb.ingress.kubernetes.io/subnets': 'subnet-a,subnet-b',
      'alb.ingress.kubernetes.io/security-groups': 'sg-1234',
      ...Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [
          name.includes('/') ? name : `external-dns.alpha.kubernetes.io/${name}`,
          value,
        ]),
      ),
    },
  },
  spec: {
    ingressClassName: 'alb',
    rules:
      hosts.length === 0
        ? [{ http: { paths: PATHS } }]
        : hosts.map((host) => ({ host, http: { paths: PATHS } })),
  },
});
