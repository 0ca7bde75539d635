/**
 * AWS takes target groups of IPv6 addresses behind dualstack load balancers only. Where a load balancer changes its
 * address type, they come after it has become dualstack, and are gone before it becomes ipv4.
 */
import type { Actual } from '../model/actual.ts';
import type { Key } from '../model/key.ts';
import { parent } from '../model/references.ts';
import type { Resource } from '../model/resource.ts';
import { type GroupOf, groupsOf } from './groups-led-to.ts';
import { type Operation, operationId } from './plan.ts';
import type { Wait } from './rule-order.ts';

export const waitsForAddresses = (
  operations: readonly Operation[],
  actual: Actual,
  groupOf: GroupOf,
): readonly Wait[] => {
  const isOver6 = (resource: Resource): boolean =>
    groupsOf(resource, groupOf).some(({ spec }) => spec.ipAddressType === 'ipv6');
  return operations.flatMap((operation): Wait[] => {
    if (operation.verb !== 'update' && operation.verb !== 'adopt') return [];
    const type = operation.changes.find(({ field }) => field === 'ipAddressType')?.to;
    if (operation.resource.kind !== 'load-balancer' || type === undefined) return [];
    const id = operationId(operation);
    return type === 'ipv4'
      ? lettingGo(operations, actual, isOver6).map((other): Wait => [id, operationId(other)])
      : operations
          .filter((other) => 'resource' in other && other.verb !== 'delete' && isOver6(other.resource))
          .map((other): Wait => [operationId(other), id]);
  });
};

/** Operations after which a listener or rule of today no longer forwards to IPv6 addresses. */
const lettingGo = (
  operations: readonly Operation[],
  actual: Actual,
  isOver6: (resource: Resource) => boolean,
): readonly Operation[] => {
  const found = [...actual.owned.values(), ...actual.adoptable.values()].filter(isOver6);
  const own = new Set(found.map(({ key }) => key));
  const withParents = new Set<Key | undefined>([...own, ...found.map(parent)]);
  return operations.filter(({ verb, key }) =>
    verb === 'delete' ? withParents.has(key) : (verb === 'update' || verb === 'adopt') && own.has(key),
  );
};
