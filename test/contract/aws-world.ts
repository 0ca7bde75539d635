/** The sandbox's AWS with a small account in it, our AWS room connected to it, and what a plan needs to be done. */

import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { type AwsOptions, connectAws } from '../../src/aws/aws.ts';
import type { Heir } from '../../src/core/adopt/heir.ts';
import type { Actual } from '../../src/core/model/actual.ts';
import type { Key } from '../../src/core/model/key.ts';
import type { Graph } from '../../src/core/model/resource.ts';
import { diff } from '../../src/core/plan/diff.ts';
import type { Operation, Plan } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import type { Attempt, Aws, RecordName } from '../../src/core/ports.ts';
import type { Facts } from '../../src/sandbox/aws/facts.ts';
import type { SandboxAws } from '../../src/sandbox/aws/sandbox-aws.ts';
import { startAws } from '../../src/sandbox/aws/server.ts';
import { CERTIFICATE, PRIVATE_KEY } from './aws-certificate.ts';
import { CLUSTER, STACK } from './aws-sample.ts';
import { makeTamper, type Tamper } from './aws-tamper.ts';

const REGION = 'eu-west-1';

/** What is there before anybody makes anything. */
export type Fixtures = {
  readonly vpc: string;
  /** In three zones; the last one has no use yet. */
  readonly subnets: readonly string[];
  readonly group: `sg-${string}`;
  readonly instances: readonly string[];
  /** An address inside the VPC. */
  readonly address: string;
  /** Public hosted zone example.com. */
  readonly zone: string;
  readonly certificates: readonly string[];
};

export type World = {
  readonly region: string;
  readonly endpoint: string;
  readonly fixtures: Fixtures;
  readonly tamper: Tamper;
  readonly faults: SandboxAws['faults'];
  /** What AWS holds, to be taken away from under a call that is under way. */
  readonly state: SandboxAws['state'];
  /** Another controller: nothing remembered, no rate budget. */
  connect(options?: Partial<AwsOptions>): Aws;
  /** Forgets the calls made so far. */
  mark(): void;
  /** Calls since then, by operation; those that were refused too. */
  writes(): readonly string[];
  reads(): readonly string[];
  /** Input of the last call of an operation. */
  inputOf(operation: string): Readonly<Record<string, unknown>>;
  /** How many things there are besides the fixtures. */
  count(): Readonly<Record<string, number>>;
  /** `TYPE name` of each record of example.com but NS and SOA, and the records themselves. */
  recordNames(): readonly string[];
  records(): unknown;
  /** What the data plane and time would bring about. */
  balancersAre(state: 'active' | 'provisioning'): void;
  targetsAre(state: 'healthy' | 'unhealthy' | 'initial' | 'draining'): void;
  /** Lets seconds of AWS time pass at once. */
  passTime(seconds: number): void;
  /** Somebody makes another VPC, which the sandbox's API does not offer. */
  addVpc(id: string): void;
  /** Puts the account back as it was at the start. */
  reset(): void;
  stop(): Promise<void>;
};

/** A thousand seconds of AWS pass in one of ours. */
const SPEED = 1000;

/** `facts`: doubtful facts of AWS, for tests that must hold either way. */
export const startWorld = async (facts: Partial<Facts> = {}): Promise<World> => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const sandbox = await startAws({
    region: REGION,
    speed: SPEED,
    facts,
    fixtures: { zones: ['a', 'b', 'c'], subnets: SUBNETS },
  });
  const config = { region: REGION, endpoint: sandbox.url };
  const fixtures: Fixtures = {
    vpc: 'vpc-1',
    subnets: SUBNETS.map(({ id }) => id),
    group: 'sg-1234',
    instances: ['i-0aaa', 'i-0bbb'],
    address: '127.64.0.99',
    zone: 'ZEX',
    certificates: await importCertificates(config, 3),
  };
  const connect = (options: Partial<AwsOptions> = {}): Aws =>
    connectAws({ ...config, clusterName: CLUSTER, budget: 'off', route53: 'on', log: () => {}, ...options });
  const idOf = async (key: Key): Promise<string> => (await connect().observe(STACK, [])).ids.get(key) ?? '';
  const start = sandbox.snapshot();
  return {
    ...config,
    fixtures,
    connect,
    tamper: makeTamper(config, fixtures, idOf),
    faults: sandbox.faults,
    state: sandbox.state,
    ...callsOf(sandbox),
    ...contentsOf(sandbox),
    passTime: (seconds) => sandbox.clock.advance(seconds * 1000),
    addVpc: (id) => {
      const { resources, ...more } = sandbox.snapshot();
      const { $map } = resources.vpcs as { $map: [string, object][] };
      const vpcs = { $map: [...$map, [id, { ...$map[0]?.[1], VpcId: id }]] };
      sandbox.restore({ ...more, resources: { ...resources, vpcs } });
    },
    reset: () => sandbox.restore(start),
    stop: () => sandbox.stop(),
  };
};

const SUBNETS = [
  {
    id: 'subnet-a',
    zone: 'a',
    cidr: '127.64.0.0/16',
    ipv6: '2600:1f1c:12:3401::/64',
    tags: { 'kubernetes.io/cluster/dev': 'shared' },
  },
  { id: 'subnet-b', zone: 'b', cidr: '127.65.0.0/16', ipv6: '2600:1f1c:12:3402::/64', tags: {} },
  { id: 'subnet-c', zone: 'c', cidr: '127.66.0.0/16', ipv6: '2600:1f1c:12:3403::/64', tags: {} },
];

const importCertificates = async (
  config: { region: string; endpoint: string },
  count: number,
): Promise<string[]> => {
  const acm = new ACMClient(config);
  const [Certificate, PrivateKey] = [CERTIFICATE, PRIVATE_KEY].map((pem) => new TextEncoder().encode(pem));
  const arns: string[] = [];
  while (arns.length < count)
    arns.push(
      (await acm.send(new ImportCertificateCommand({ Certificate, PrivateKey }))).CertificateArn ?? '',
    );
  return arns.sort();
};

const callsOf = ({ journal }: SandboxAws) => {
  let from = journal.length;
  const operations = (writes: boolean) =>
    journal.slice(from).flatMap((entry) => (entry.writes === writes ? [entry.operation] : []));
  return {
    mark: () => {
      from = journal.length;
    },
    writes: () => operations(true),
    reads: () => operations(false),
    inputOf: (operation: string) => journal.findLast((entry) => entry.operation === operation)?.input ?? {},
  };
};

const contentsOf = ({ state, snapshot }: SandboxAws) => {
  const records = () =>
    [...(state.zones.get('ZEX')?.records.values() ?? [])].filter(
      ({ Type }) => Type !== 'NS' && Type !== 'SOA',
    );
  return {
    records,
    balancersAre: (Code: 'active' | 'provisioning') => {
      for (const balancer of state.loadBalancers.values()) balancer.State = { Code };
    },
    targetsAre: (State: 'healthy' | 'unhealthy' | 'initial' | 'draining') => {
      for (const group of state.targetGroups.values())
        for (const target of group.targets.values()) target.health = { State };
    },
    recordNames: () =>
      records()
        .map(({ Type, Name }) => `${Type} ${Name}`)
        .sort(),
    count: () => ({
      loadBalancers: state.loadBalancers.size,
      targetGroups: state.targetGroups.size,
      listeners: state.listeners.size,
      rules: [...state.rules.values()].filter(({ IsDefault }) => !IsDefault).length,
      securityGroups: JSON.stringify(snapshot()).split('"GroupName":"k8s-').length - 1,
      records: records().length,
    }),
  };
};

/** Look at the stack, its records and every record name that is wanted. */
export const look = async (
  aws: Aws,
  wanted: Graph,
  { stack = STACK, heirs = [] as readonly Heir[] } = {},
) => {
  const actual = await aws.observe(stack, heirs);
  const names = [...wanted.values()].flatMap((one): RecordName[] =>
    one.kind === 'dns-record' ? [one.spec] : [],
  );
  const unknown = names.filter(({ zone, name }) => !actual.knownNames.has(`${zone}/${name}`));
  return aws.lookUpNames(actual, stack, unknown);
};

export const planFor = (wanted: Graph, actual: Actual): Plan =>
  diff(wanted, actual, { loadBalancer: 0, targetGroup: 0 });

/** One operation, and what is known afterwards. */
export const act = async (
  aws: Aws,
  operation: Operation,
  actual: Actual,
): Promise<{ readonly attempt: Attempt; readonly actual: Actual }> => {
  const attempt = await aws.perform(operation, actual);
  if (attempt.status !== 'done') return { attempt, actual };
  const next = afterOperation(actual, operation);
  const ids = new Map(next.ids);
  if (attempt.id !== undefined) ids.set(operation.key, attempt.id);
  const loadBalancers = new Map(next.loadBalancers);
  if (attempt.loadBalancer && 'resource' in operation && operation.resource.kind === 'load-balancer')
    loadBalancers.set(operation.resource.key, attempt.loadBalancer);
  return { attempt, actual: { ...next, ids, loadBalancers } };
};

/**
 * Plans and does until nothing is left. Fails when an operation fails, or when plans do not end. `ordered`: another order
 * than the plan's.
 */
export const converge = async (
  aws: Aws,
  wanted: Graph,
  where: { readonly stack?: string; readonly heirs?: readonly Heir[] } = {},
  ordered: (operations: readonly Operation[]) => readonly Operation[] = (it) => it,
): Promise<void> => {
  for (let round = 0; round < 40; round++) {
    let actual = await look(aws, wanted, where);
    const { operations } = planFor(wanted, actual);
    if (operations.length === 0) return;
    for (const operation of ordered(operations)) {
      const step = await act(aws, operation, actual);
      if (step.attempt.status === 'failed')
        throw new Error(`${operation.verb} ${operation.key}: ${JSON.stringify(step.attempt)}`);
      if (step.attempt.status === 'wait') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        break;
      }
      actual = step.actual;
    }
  }
  throw new Error('40 plans and still something to do');
};
