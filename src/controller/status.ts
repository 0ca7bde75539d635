/** The address an Ingress shows. */
import type { Actual } from '../core/model/actual.ts';
import { listenerKey } from '../core/model/key.ts';
import type { Resource } from '../core/model/resource.ts';
import type { PlannedStack } from '../core/plan/plan-stack.ts';
import type { Member } from '../core/translate/member.ts';
import type { Outcome } from './apply.ts';

export type Address = {
  readonly hostname: string;
  readonly ports: readonly { readonly port: number; readonly protocol: string }[];
};

/**
 * The name of the load balancer that serves now; undefined while there is none. During a replacement that is the
 * old one until the names have moved: people and other controllers send requests where the status says.
 */
export const addressOf = (
  member: Member,
  planned: PlannedStack,
  after: Actual,
  outcomes: readonly Outcome[],
): Address | undefined => {
  const wanted = [...planned.desired.graph.values()].find(
    (it): it is Resource<'load-balancer'> => it.kind === 'load-balancer',
  );
  if (!wanted) return undefined;
  const moving = outcomes.some(
    ({ operation, result }) =>
      operation.verb === 'update' &&
      operation.when === 'serving' &&
      operation.changes.some(({ field }) => field === 'alias') &&
      result.status !== 'done',
  );
  const old = moving ? [...after.loadBalancers.keys()].find((key) => key !== wanted.key) : undefined;
  const serving = old ?? wanted.key;
  const facts = after.loadBalancers.get(serving);
  const ports = member.ports.filter(({ port }) => after.owned.has(listenerKey(serving, port)));
  if (!facts || ports.length === 0) return undefined;
  return {
    hostname: facts.dnsName.toLowerCase(),
    ports: ports.map(({ port }) => ({ port, protocol: 'TCP' })),
  };
};
