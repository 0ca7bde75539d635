/**
 * Keeps us below the request rates of AWS, which all programs of an account share: token buckets as AWS documents
 * them. When AWS throttles all the same, somebody else is drawing from them, and our rate halves; it grows back
 * with every answer. While tokens are there, nothing waits.
 */
export type Service = 'elbv2' | 'ec2' | 'route53' | 'acm' | 'wafv2' | 'shield' | 'tagging' | 'sts';

export type Budget = {
  /** Resolves when a request for the operation may be sent. */
  take(service: Service, operation: string): Promise<void>;
  /** Tells how a request ended; `throttled` halves the rate. */
  settle(service: Service, operation: string, throttled: boolean): void;
};

/** For sandboxes, which have no other clients to spare. */
export const NO_BUDGET: Budget = { take: () => Promise.resolve(), settle: () => {} };

/** Monotonic milliseconds, and a way to wait. */
export type Timer = { now(): number; sleep(ms: number): Promise<void> };

type BucketName =
  | 'elb'
  | 'elbRead'
  | 'elbWrite'
  | 'elbTargets'
  | 'elbHeavy'
  | 'ec2Read'
  | 'ec2Write'
  | 'route53'
  | 'acm'
  | 'wafv2'
  | 'shield'
  | 'tagging'
  | 'sts';

/** Tokens per second and burst, the older, stricter figures where AWS documentation gives two. */
const LIMITS: Readonly<Record<BucketName, { readonly rate: number; readonly burst: number }>> = {
  elb: { rate: 10, burst: 40 },
  elbRead: { rate: 10, burst: 40 },
  elbWrite: { rate: 3, burst: 20 },
  elbTargets: { rate: 4, burst: 20 },
  elbHeavy: { rate: 0.2, burst: 10 },
  ec2Read: { rate: 10, burst: 50 },
  ec2Write: { rate: 5, burst: 50 },
  route53: { rate: 5, burst: 5 },
  acm: { rate: 5, burst: 10 },
  // No figures are documented for these; LBC stays below one call a second.
  wafv2: { rate: 1, burst: 1 },
  shield: { rate: 1, burst: 5 },
  tagging: { rate: 5, burst: 15 },
  // AWS documents 600 a second for the account; one for each role and hour is needed.
  sts: { rate: 5, burst: 20 },
};

/** ELBv2 counts every request against the account and again against its kind. */
const bucketsOf = (service: Service, operation: string): readonly BucketName[] => {
  const reads = operation.startsWith('Describe');
  if (service === 'ec2') return [reads ? 'ec2Read' : 'ec2Write'];
  if (service !== 'elbv2') return [service];
  if (reads) return ['elb', 'elbRead'];
  if (operation === 'CreateLoadBalancer' || operation === 'SetSubnets') return ['elb', 'elbHeavy'];
  if (operation === 'RegisterTargets' || operation === 'DeregisterTargets') return ['elb', 'elbTargets'];
  return ['elb', 'elbWrite'];
};

export const awsBudget = (timer: Timer): Budget => {
  const buckets = new Map<BucketName, Bucket>();
  const bucket = (name: BucketName): Bucket => {
    const known = buckets.get(name) ?? tokenBucket(LIMITS[name], timer);
    buckets.set(name, known);
    return known;
  };
  return {
    take: async (service, operation) => {
      for (const name of bucketsOf(service, operation)) await bucket(name).take();
    },
    settle: (service, operation, throttled) => {
      for (const name of bucketsOf(service, operation)) bucket(name).settle(throttled);
    },
  };
};

type Bucket = { take(): Promise<void>; settle(throttled: boolean): void };

/** Share of the documented rate regained by each answered request, and the least share that is left. */
const RECOVERY = 0.05;
const FLOOR = 0.1;

const tokenBucket = (limit: { readonly rate: number; readonly burst: number }, timer: Timer): Bucket => {
  let tokens = limit.burst;
  let share = 1;
  let filledAt = timer.now();
  /** Requests wait in line, so the last in the queue is the one to follow. */
  let last: Promise<void> = Promise.resolve();

  const fill = (): void => {
    const now = timer.now();
    tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1000) * limit.rate * share);
    filledAt = now;
  };
  const waitForToken = async (): Promise<void> => {
    for (fill(); tokens < 1; fill())
      await timer.sleep(Math.ceil(((1 - tokens) / (limit.rate * share)) * 1000));
    tokens -= 1;
  };
  return {
    take: () => {
      last = last.then(waitForToken);
      return last;
    },
    settle: (throttled) => {
      if (!throttled) share = Math.min(1, share + RECOVERY);
      else {
        fill();
        tokens = Math.min(tokens, 0);
        share = Math.max(FLOOR, share / 2);
      }
    },
  };
};
