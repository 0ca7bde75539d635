/** Looks whether load balancers serve, during one pass. */
import type { Actual } from '../core/model/actual.ts';
import type { DnsRecordSpec } from '../core/model/dns-record.ts';
import type { BalancerKey, Key } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import { hasHealthy } from '../core/model/target-health.ts';
import type { Aws } from '../core/ports.ts';

export type Served = Awaited<ReturnType<Aws['serving']>>;

export type Looks = {
  /** For what moves there as a whole: a look of its own, right before. */
  readonly serving: (key: BalancerKey, actual: Actual) => Promise<Served>;
  /**
   * For a name that is shared. Those are many and last for hours, so they look together; and there is something to go
   * back to, so each target group behind the name must have a healthy target, also one that has no targets at all.
   */
  readonly sharing: (spec: DnsRecordSpec, actual: Actual) => Promise<Served>;
};

export const looksOf = (aws: Pick<Aws, 'serving' | 'targetHealth'>): Looks => {
  const balancers = new Map<BalancerKey, Promise<Served>>();
  const groups = new Map<Key<'target-group'>, Promise<boolean>>();
  const balancer = (key: BalancerKey, actual: Actual): Promise<Served> =>
    remembered(balancers, key, () => aws.serving(key, actual));
  const isHealthy = (key: Key<'target-group'>, actual: Actual): Promise<boolean> =>
    remembered(groups, key, async () => hasHealthy(key, await aws.targetHealth([key], actual)));
  return {
    serving: (key, actual) => aws.serving(key, actual),
    sharing: async (spec, actual) => {
      const served = await balancer(spec.alias, actual);
      if (!served.serving) return served;
      try {
        const behind = groupsBehind(spec, actual);
        const healthy = await Promise.all(behind.map((key) => isHealthy(key, actual)));
        const silent = behind.filter((_, i) => !healthy[i]);
        return silent.length === 0 ? served : no(`${silent.join(', ')} has no healthy target`);
      } catch (thrown) {
        return { ...no(`AWS did not tell (${String(thrown)})`), unknown: true };
      }
    },
  };
};

const no = (why: string): Extract<Served, { serving: false }> => ({ serving: false, why });

const remembered = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
};

/** Where requests for the name go by rules of its own; those for every host concern others as well. */
const groupsBehind = ({ name, serves }: DnsRecordSpec, actual: Actual): readonly Key<'target-group'>[] => {
  const rules = serves.flatMap((key): readonly Resource<'rule'>[] => {
    const found = actual.owned.get(key);
    return found?.kind === 'rule' ? [found] : [];
  });
  const own = rules.filter(({ spec }) =>
    spec.conditions.some((it) => it.field === 'host-header' && it.values?.includes(name)),
  );
  const used = (own.length > 0 ? own : rules)
    .flatMap(({ spec }) => spec.actions)
    .flatMap((action) =>
      action.type === 'forward' ? action.targetGroups.filter(({ weight }) => weight !== 0) : [],
    );
  return [...new Set(used.map(({ targetGroup }) => targetGroup))].filter((it): it is Key<'target-group'> =>
    actual.ids.has(it as Key),
  );
};
