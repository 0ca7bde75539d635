/** Token buckets that refuse calls which come too fast, with the rates that AWS publishes. */
import type { EmulatorClock } from './state.ts';

/**
 * A bucket of `burst` tokens that gets `perSecond` new ones each second of emulator time. A call takes from every
 * bucket marked `also` that fits and from the first other one that fits.
 */
export type Bucket = {
  /** Signing name of the service. */
  readonly service: string;
  /** Operations, with `*` at the end for all that begin so. */
  readonly operations: readonly string[];
  readonly burst: number;
  readonly perSecond: number;
  /** Taken from besides the first bucket that fits. */
  readonly also?: boolean;
  /** One bucket for each operation instead of one for all of them together. */
  readonly each?: boolean;
  /** Only for lists without filters, ids and page sizes. */
  readonly unfiltered?: boolean;
  /** Tokens are the changes of the batch, an UPSERT two, instead of one for the call. */
  readonly perChange?: boolean;
};

export type ThrottlingProfile = 'off' | 'aws' | 'aws-current' | 'custom';

const elb = (operations: readonly string[], burst: number, perSecond: number): Bucket => ({
  service: 'elasticloadbalancing',
  operations,
  burst,
  perSecond,
});
const ec2 = (operations: readonly string[], burst: number, perSecond: number): Bucket => ({
  service: 'ec2',
  operations,
  burst,
  perSecond,
  each: true,
});
const r53 = (operations: readonly string[], burst: number, perSecond: number): Bucket => ({
  service: 'route53',
  operations,
  burst,
  perSecond,
  each: true,
});

/** ELBv2: one bucket of the account over all actions, and one for each category. */
const elbBuckets = (describe: readonly [burst: number, perSecond: number]): readonly Bucket[] => [
  { ...elb(['*'], ...describe), also: true },
  elb(['CreateTrustStore', 'ModifyTrustStore', 'DeleteTrustStore', '*TrustStoreRevocations'], 10, 0.2),
  elb(['GetTrustStore*'], 20, 4),
  elb(['DescribeTrustStore*'], 40, 10),
  elb(['CreateLoadBalancer', 'SetSubnets'], 10, 0.2),
  elb(['RegisterTargets', 'DeregisterTargets'], 20, 4),
  elb(['Describe*'], ...describe),
  elb(['*'], 20, 3),
];

const OTHER_BUCKETS: readonly Bucket[] = [
  ec2(['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress'], 50, 5),
  ec2(['CreateTags', 'DeleteTags'], 100, 10),
  ec2(['DescribeSecurityGroupReferences'], 20, 5),
  { ...ec2(['Describe*'], 50, 10), unfiltered: true },
  ec2(['Describe*', 'Get*'], 100, 20),
  ec2(['*'], 50, 5),
  { service: 'route53', operations: ['*'], burst: 50, perSecond: 10, also: true },
  {
    service: 'route53',
    operations: ['ChangeResourceRecordSets'],
    burst: 1500,
    perSecond: 100,
    also: true,
    perChange: true,
  },
  r53(['CreateHostedZone'], 40, 2),
  r53(['DeleteHostedZone'], 40, 5),
  r53(['*'], 50, 10),
];

/**
 * `aws` has the figures of AWS's pages on throttling; `aws-current` the larger ones for ELBv2's Describe calls that
 * clients of AWS have been seen to count on since 2026.
 */
export const THROTTLING: Readonly<Record<Exclude<ThrottlingProfile, 'custom'>, readonly Bucket[]>> = {
  off: [],
  aws: [...elbBuckets([40, 10]), ...OTHER_BUCKETS],
  'aws-current': [...elbBuckets([200, 50]), ...OTHER_BUCKETS],
};

export type Throttling = {
  readonly profile: ThrottlingProfile;
  readonly buckets: readonly Bucket[];
  set(profile: Exclude<ThrottlingProfile, 'custom'>): void;
  set(profile: 'custom', buckets: readonly Bucket[]): void;
};

type Asked = {
  readonly owner: string;
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

type Level = { tokens: number; at: number };

/** The buckets; `admit` takes the tokens of a call and tells whether there were enough. A refused call takes none. */
export const makeThrottling = (clock: EmulatorClock): Throttling & { admit(call: Asked): boolean } => {
  let profile: ThrottlingProfile = 'off';
  let buckets: readonly Bucket[] = [];
  const levels = new Map<string, Level>();
  const levelOf = (bucket: Bucket, index: number, call: Asked): Level => {
    const key = `${call.owner} ${index} ${bucket.each === true ? call.operation : ''}`;
    const now = clock.now();
    const present = levels.get(key);
    const level = present ?? { tokens: bucket.burst, at: now };
    if (present === undefined) levels.set(key, level);
    level.tokens = Math.min(bucket.burst, level.tokens + ((now - level.at) / 1000) * bucket.perSecond);
    level.at = now;
    return level;
  };
  return {
    get profile() {
      return profile;
    },
    get buckets() {
      return buckets;
    },
    set: (next: ThrottlingProfile, given: readonly Bucket[] = []) => {
      profile = next;
      buckets = next === 'custom' ? given : THROTTLING[next];
      levels.clear();
    },
    admit: (call) => {
      if (buckets.length === 0) return true;
      const fitting = buckets
        .map((bucket, index) => ({ bucket, index }))
        .filter(({ bucket }) => fits(bucket, call));
      const own = fitting.find(({ bucket }) => bucket.also !== true);
      const taken = fitting
        .filter((one) => one === own || one.bucket.also === true)
        .map(({ bucket, index }) => ({
          level: levelOf(bucket, index, call),
          cost: bucket.perChange === true ? changesIn(call.input) : 1,
        }));
      if (taken.some(({ level, cost }) => level.tokens < cost)) return false;
      for (const { level, cost } of taken) level.tokens -= cost;
      return true;
    },
  };
};

const fits = (bucket: Bucket, { service, operation, input }: Asked): boolean =>
  bucket.service === service &&
  bucket.operations.some((pattern) => matches(pattern, operation)) &&
  (bucket.unfiltered !== true || Object.keys(input).length === 0);

const matches = (pattern: string, operation: string): boolean => {
  if (pattern.startsWith('*')) return operation.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : operation === pattern;
};

const changesIn = (input: Readonly<Record<string, unknown>>): number => {
  const changes = (input as { ChangeBatch?: { Changes?: readonly { Action?: string }[] } }).ChangeBatch
    ?.Changes;
  return (changes ?? []).reduce((sum, { Action }) => sum + (Action === 'UPSERT' ? 2 : 1), 0);
};
