/** The addresses an Ingress shows. */
import type { Actual } from '../core/model/actual.ts';
import { type BalancerKey, listenerKey } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Address } from '../core/ports.ts';
import type { Member } from '../core/translate/member.ts';
import type { Outcome } from './apply.ts';

/**
 * The load balancer that serves now, and behind it the Network Load Balancer in front of it; none while there is none.
 * During a replacement that is the old one until the names have moved: people and other controllers send requests
 * where the status says.
 */
export const addressesOf = (
  member: Member,
  planned: PlannedStack,
  after: Actual,
  outcomes: readonly Outcome[],
): readonly Address[] => {
  const wanted = [...planned.desired.graph.values()].find(
    (it): it is Resource<'load-balancer'> => it.kind === 'load-balancer',
  );
  if (!wanted) return [];
  const moving = outcomes.some(
    ({ operation, result }) =>
      operation.verb === 'update' &&
      operation.when === 'serving' &&
      operation.changes.some(({ field }) => field === 'alias' || field === 'targetGroup') &&
      result.status !== 'done',
  );
  const old = moving
    ? [...after.loadBalancers.keys()].filter(isApplication).find((key) => key !== wanted.key)
    : undefined;
  const serving = old ?? wanted.key;
  const open = member.ports.filter(({ port }) => after.owned.has(listenerKey(serving, port)));
  const own = addressAt(
    serving,
    open.map(({ port }) => port),
    after,
  );
  return own ? [own, ...frontOf(planned, after)] : [];
};

/** What leads to the ports of its load balancer by ports of its own. */
const frontOf = ({ desired }: PlannedStack, after: Actual): readonly Address[] =>
  [...desired.graph.values()].flatMap((front) => {
    if (front.kind !== 'network-load-balancer') return [];
    const ports = [...after.owned.values()].flatMap((it) =>
      it.kind === 'network-listener' && it.spec.loadBalancer === front.key ? [it.spec.port] : [],
    );
    return (
      addressAt(
        front.key,
        ports.toSorted((a, b) => a - b),
        after,
      ) ?? []
    );
  });

const addressAt = (key: BalancerKey, ports: readonly number[], after: Actual): Address | undefined => {
  const facts = after.loadBalancers.get(key);
  if (!facts || ports.length === 0) return undefined;
  return {
    hostname: facts.dnsName.toLowerCase(),
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  };
};

const isApplication = (key: BalancerKey): key is Resource<'load-balancer'>['key'] =>
  key.startsWith('load-balancer/');
