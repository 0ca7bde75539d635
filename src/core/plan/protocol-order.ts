/**
 * AWS takes logins, checks of tokens and targets of HTTP/2 on HTTPS listeners only. Where a listener changes its
 * protocol, they come after it has become HTTPS, and are gone before it becomes HTTP.
 */
import { isGuard } from '../model/guard.ts';
import type { Key } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import { type GroupOf, groupsOf } from './groups-led-to.ts';
import { type Operation, operationId } from './plan.ts';
import type { Wait } from './rule-order.ts';

export const waitsForProtocol = (operations: readonly Operation[], groupOf: GroupOf): readonly Wait[] => {
  const becomes = new Map<Key, { readonly id: string; readonly protocol: unknown }>();
  for (const operation of operations) {
    if (operation.verb !== 'update' && operation.verb !== 'adopt') continue;
    const protocol = operation.changes.find(({ field }) => field === 'protocol')?.to;
    if (operation.resource.kind === 'listener' && protocol !== undefined)
      becomes.set(operation.key, { id: operationId(operation), protocol });
  }
  if (becomes.size === 0) return [];
  return operations.flatMap((operation): Wait[] => {
    if (!('resource' in operation) || operation.resource.kind !== 'rule') return [];
    const listener = becomes.get(operation.resource.spec.listener);
    if (!listener) return [];
    const id = operationId(operation);
    const needsHttps = operation.verb !== 'delete' && isForHttps(operation.resource, groupOf);
    if (listener.protocol === 'HTTPS') return needsHttps ? [[id, listener.id]] : [];
    return operation.verb === 'create' || needsHttps ? [] : [[listener.id, id]];
  });
};

const isForHttps = (rule: Resource<'rule'>, groupOf: GroupOf): boolean =>
  rule.spec.actions.some(isGuard) ||
  groupsOf(rule, groupOf).some(({ spec }) => spec.protocolVersion !== 'HTTP1');
