/** Eventual consistency: reads that show, for some kinds of resources, how things were a while ago. */
import { isDeepStrictEqual } from 'node:util';
import type { Account } from './account.ts';

/** Kinds of resources whose reads can lag, and where an account keeps them. */
const KINDS = {
  'load-balancer': ({ serving }: Account) => serving.loadBalancers,
  listener: ({ serving }: Account) => serving.listeners,
  rule: ({ serving }: Account) => serving.rules,
  'target-group': ({ serving }: Account) => serving.targetGroups,
  'trust-store': ({ serving }: Account) => serving.trustStores,
  'load-balancer-tag': (account: Account) => account.elbTags,
  certificate: ({ serving }: Account) => serving.certificates,
  'certificate-tag': (account: Account) => account.certificateDetails,
  'security-group': ({ network }: Account) => network.securityGroups,
  'network-interface': ({ network }: Account) => network.interfaces,
  'ec2-tag': ({ network }: Account) => network.tags,
  vpc: ({ network }: Account) => network.vpcs,
  subnet: ({ network }: Account) => network.subnets,
  instance: ({ serving }: Account) => serving.instances,
} as const;

export type LagKind = keyof typeof KINDS;
export const LAG_KINDS = Object.keys(KINDS) as readonly LagKind[];

export type Lag = {
  /** Seconds of emulator time by which the reads of each kind lag. */
  readonly seconds: Readonly<Partial<Record<LagKind, number>>>;
  set(seconds: Readonly<Partial<Record<LagKind, number>>>): void;
};

type Values = Map<string, unknown>;
type Past = { readonly kind: LagKind; readonly key: string; readonly before: unknown; readonly at: number };

/**
 * Lets calls lag. Writes see everything as it is; a read sees each entry as it was before the writes of the last
 * seconds. Costs a copy of every entry of a lagging kind on each write, so it is for tests of small accounts.
 */
export const makeLag = () => {
  let seconds: Readonly<Partial<Record<LagKind, number>>> = {};
  const pasts = new WeakMap<Account, Past[]>();
  const kinds = (): LagKind[] => LAG_KINDS.filter((kind) => (seconds[kind] ?? 0) > 0);
  const valuesOf = (account: Account, kind: LagKind): Values => KINDS[kind](account) as Values;

  const read = <T>(account: Account, run: () => T): T => {
    const now = account.clock.now();
    const recent = (pasts.get(account) ?? []).filter(
      ({ kind, at }) => at > now - (seconds[kind] ?? 0) * 1000,
    );
    pasts.set(account, recent);
    /** Latest first, so that what remains is how an entry was before the first of its changes. */
    const undone = recent.toReversed().map((past) => {
      const values = valuesOf(account, past.kind);
      const present = values.get(past.key);
      put(values, past.key, past.before);
      return () => put(values, past.key, present);
    });
    try {
      return run();
    } finally {
      for (const redo of undone.reverse()) redo();
    }
  };

  const write = <T>(account: Account, run: () => T): T => {
    const copies = kinds().map((kind) => [kind, structuredClone(valuesOf(account, kind))] as const);
    try {
      return run();
    } finally {
      const at = account.clock.now();
      const past = pasts.get(account) ?? [];
      for (const [kind, before] of copies) {
        const after = valuesOf(account, kind);
        for (const key of new Set([...before.keys(), ...after.keys()]))
          if (!isDeepStrictEqual(before.get(key), after.get(key)))
            past.push({ kind, key, before: before.get(key), at });
      }
      pasts.set(account, past);
    }
  };

  const lag: Lag = {
    get seconds() {
      return seconds;
    },
    set: (next) => {
      seconds = { ...next };
    },
  };
  return {
    lag,
    run: <T>(account: Account, isWrite: boolean, call: () => T): T => {
      if (kinds().length === 0) return call();
      return isWrite ? write(account, call) : read(account, call);
    },
  };
};

const put = (values: Values, key: string, value: unknown): void => {
  if (value === undefined) values.delete(key);
  else values.set(key, value);
};
