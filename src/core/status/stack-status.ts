/**
 * How a load balancer stands, for people and GitOps tools: one object for each stack, with conditions. Pure; the
 * times of transitions are put in where it is written.
 */
import type { Actual } from '../model/actual.ts';
import { identity, type Key } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import { type Operation, operationId } from '../plan/plan.ts';
import type { PlannedStack } from '../plan/plan-stack.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';

/** As `metav1.Condition`, without times. */
export type StatedCondition = {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase: a problem's code where there is one. */
  readonly reason: string;
  readonly message: string;
};

export const CONDITIONS = {
  Ready: 'everything below is as it should be; what Flux and `kubectl wait` look at',
  Accepted: 'every Ingress of the load balancer says what can be used',
  Programmed: 'AWS is as the Ingresses say, and nothing is left to do',
  DNSReady: 'every record that is wanted is in its zone',
  CertReady: 'every HTTPS listener stands with a certificate',
  Degraded: 'something failed or is held back; what served before goes on',
  Drifted: 'AWS was changed by somebody else and is not yet as it was',
} as const;
export type ConditionType = keyof typeof CONDITIONS;

export type StackStatus = {
  /** Of the load balancer that serves; absent: there is none yet. */
  readonly hostname?: string;
  readonly arn?: string;
  readonly members: readonly MemberStatus[];
  readonly conditions: readonly StatedCondition[];
};

export type MemberStatus = {
  /** `namespace/name`. */
  readonly ingress: string;
  /** The generation of the Ingress that this speaks of. */
  readonly observedGeneration?: number;
  readonly accepted: boolean;
  /** What is wrong with it; absent: nothing. */
  readonly message?: string;
};

/** How one operation of a pass ended. */
export type Ended = {
  readonly operation: Operation;
  readonly result:
    | { readonly status: 'done' }
    | { readonly status: 'wait' | 'skipped'; readonly why: string }
    | { readonly status: 'failed'; readonly code: string; readonly message: string };
};

export type StatusInput = {
  /** Ingresses that speak of the stack, by `namespace/name`, with their generation. */
  readonly ingresses: ReadonlyMap<string, number | undefined>;
  readonly planned: PlannedStack;
  /** AWS as the pass left it. */
  readonly after: Actual;
  readonly outcomes: readonly Ended[];
  /** What was not as the pass before had left it, although nothing changed here. */
  readonly drift: readonly Key[];
};

/** What to show of a stack after a pass. */
export const stackStatus = (input: StatusInput): StackStatus => {
  const parts = [accepted(input), programmed(input), dnsReady(input), certReady(input)];
  const [worse, drifted] = [degraded(input), driftOf(input)];
  const bad = parts.find(({ status }) => status !== 'True') ?? (worse.status === 'True' ? worse : undefined);
  const ready: StatedCondition = bad
    ? { type: 'Ready', status: 'False', reason: bad.reason, message: bad.message }
    : { type: 'Ready', status: 'True', reason: 'Ready', message: 'the load balancer serves what is wanted' };
  return {
    ...addressOf(input),
    members: membersOf(input),
    conditions: [ready, ...parts, worse, drifted],
  };
};

/** Problems that keep nothing from being programmed, or are told by another condition. */
const ELSEWHERE: ReadonlySet<ProblemCode> = new Set([
  'UnknownAnnotation',
  'HeldBack',
  'HostedZoneMissing',
  'AwsRefused',
  'CertificatePending',
  'CertificateExpiring',
]);

const isInTheWay = ({ code }: Problem): boolean => !ELSEWHERE.has(code);

const membersOf = ({ ingresses, planned }: StatusInput): readonly MemberStatus[] =>
  [...ingresses]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([ingress, observedGeneration]) => {
      const own = planned.problems.filter((it) => it.ingress === ingress && isInTheWay(it));
      const isIn = planned.desired.accepted.some(({ id }) => id === ingress);
      return {
        ingress,
        ...(observedGeneration !== undefined && { observedGeneration }),
        accepted: isIn && own.length === 0,
        ...(own[0] && { message: `${own[0].code}: ${own[0].message}` }),
      };
    });

const accepted = (input: StatusInput): StatedCondition => {
  const wrong = input.planned.problems.filter(isInTheWay);
  const [first] = wrong;
  if (!first)
    return yes(
      'Accepted',
      'Accepted',
      `${input.ingresses.size} of ${input.ingresses.size} Ingresses are used`,
    );
  const concerned = new Set(wrong.map(({ ingress }) => ingress)).size;
  return no(
    'Accepted',
    first.code,
    `${concerned} of ${input.ingresses.size} Ingresses say something that cannot be used; ${first.ingress}: ${first.message}`,
  );
};

const programmed = ({ planned, outcomes }: StatusInput): StatedCondition => {
  const left = outcomes.filter(({ operation, result }) => result.status !== 'done' && !isClearing(operation));
  const failed = left.find(({ result }) => result.status === 'failed') ?? left[0];
  if (failed) return no('Programmed', reasonOf(failed), textOf(failed));
  if (planned.desired.graph.size === 0)
    return no('Programmed', 'NothingWanted', 'no Ingress can be programmed, so there is no load balancer');
  return yes('Programmed', 'Programmed', `${planned.desired.graph.size} resources are as wanted`);
};

/** What only waits to be taken away serves nobody any more. */
const isClearing = (operation: Operation): boolean => operation.verb === 'delete';

const dnsReady = ({ planned, after, outcomes }: StatusInput): StatedCondition => {
  const missing = planned.problems.find(({ code }) => code === 'HostedZoneMissing');
  if (missing) return no('DNSReady', missing.code, `${missing.ingress}: ${missing.message}`);
  const wanted = wantedOf(planned).filter(({ kind }) => kind === 'dns-record');
  const open = outcomes.find(
    ({ operation, result }) =>
      result.status !== 'done' && operation.verb !== 'delete' && operation.key.startsWith('dns-record/'),
  );
  if (open) return no('DNSReady', reasonOf(open), textOf(open));
  const absent = wanted.find(({ key }) => !after.owned.has(key));
  if (absent) return no('DNSReady', 'Pending', `${identity(absent.key)} is not there yet`);
  return wanted.length === 0
    ? yes('DNSReady', 'NoneWanted', 'no record is wanted')
    : yes('DNSReady', 'Ready', `${wanted.length} records are in their zones`);
};

/** One that ends soon is served until then. */
const CERTIFICATES: ReadonlySet<ProblemCode> = new Set(['CertificateUnusable', 'CertificatePending']);

const certReady = ({ planned, after }: StatusInput): StatedCondition => {
  const wrong = planned.problems.find(({ code }) => CERTIFICATES.has(code));
  if (wrong) return no('CertReady', wrong.code, `${wrong.ingress}: ${wrong.message}`);
  const secure = wantedOf(planned).filter((it) => it.kind === 'listener' && it.spec.protocol === 'HTTPS');
  const absent = secure.find(({ key }) => !after.owned.has(key));
  if (absent) return no('CertReady', 'Pending', `listener ${identity(absent.key)} is not there yet`);
  return secure.length === 0
    ? yes('CertReady', 'NoneWanted', 'no HTTPS listener is wanted')
    : yes('CertReady', 'Ready', `${secure.length} HTTPS listeners have their certificates`);
};

const degraded = ({ planned, outcomes }: StatusInput): StatedCondition => {
  const failed = outcomes.find(({ result }) => result.status === 'failed');
  if (failed) return yes('Degraded', reasonOf(failed), textOf(failed));
  const [hold] = planned.plan.holds;
  if (hold) return yes('Degraded', 'HeldBack', `${hold.key}: ${hold.why}`);
  const frozen = planned.desired.accepted.find((member) => member.frozen);
  return frozen
    ? yes('Degraded', 'Frozen', `${frozen.id} keeps what it had until it is right again`)
    : no('Degraded', 'Healthy', 'nothing failed, nothing is held back');
};

const driftOf = ({ drift, outcomes }: StatusInput): StatedCondition => {
  const open = outcomes
    .filter(({ result }) => result.status !== 'done')
    .map(({ operation }) => operation.key);
  const left = drift.filter((key) => open.includes(key));
  if (left.length > 0) return yes('Drifted', 'NotYetRepaired', `changed by somebody else: ${named(left)}`);
  return drift.length > 0
    ? no('Drifted', 'Repaired', `changed by somebody else and put right: ${named(drift)}`)
    : no('Drifted', 'AsWanted', 'AWS is as it was left');
};

const named = (keys: readonly Key[]): string =>
  `${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ` and ${keys.length - 3} more` : ''}`;

const wantedOf = ({ desired }: PlannedStack): readonly Resource[] => [...desired.graph.values()];

const reasonOf = ({ result }: Ended): string => (result.status === 'failed' ? 'AwsRefused' : 'Pending');

const textOf = ({ operation, result }: Ended): string =>
  `${operationId(operation)}: ${result.status === 'failed' ? `${result.code}: ${result.message}` : 'why' in result ? result.why : ''}`;

const addressOf = ({ planned, after }: StatusInput): Pick<StackStatus, 'hostname' | 'arn'> => {
  const [balancer] = wantedOf(planned).flatMap((it) => (it.kind === 'load-balancer' ? [it.key] : []));
  const facts = balancer && after.loadBalancers.get(balancer);
  const arn = balancer && after.ids.get(balancer);
  return { ...(facts && { hostname: facts.dnsName.toLowerCase() }), ...(arn !== undefined && { arn }) };
};

const yes = (type: ConditionType, reason: string, message: string): StatedCondition => ({
  type,
  status: 'True',
  reason,
  message,
});

const no = (type: ConditionType, reason: string, message: string): StatedCondition => ({
  type,
  status: 'False',
  reason,
  message,
});
