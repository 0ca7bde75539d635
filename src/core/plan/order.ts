/**
 * What must come before what. Whatever prefix of the plan is carried out, nothing refers to a thing that is
 * not there, and nothing that serves is taken away before its successor serves.
 */
import type { Actual } from '../model/actual.ts';
import { parent, references } from '../model/references.ts';
import type { Key, Resource } from '../model/resource.ts';
import { type Delete, type Operation, operationId } from './plan.ts';

/** Fills in `after` and sorts: every operation stands behind the ones it waits for. Ties keep the given order. */
export const inOrder = (operations: readonly Operation[], actual: Actual): readonly Operation[] => {
  const linked = operations.map((operation) => ({
    ...operation,
    after: waitsFor(operation, operations, actual),
  }));
  const done = new Set<string>();
  const sorted: Operation[] = [];
  while (sorted.length < linked.length) {
    const next = linked.find(
      (operation) => !done.has(operationId(operation)) && operation.after.every((id) => done.has(id)),
    );
    if (!next)
      throw new Error(
        `operations wait for each other: ${linked
          .filter((o) => !done.has(operationId(o)))
          .map(operationId)
          .join(', ')}`,
      );
    done.add(operationId(next));
    sorted.push(next);
  }
  return sorted;
};

const waitsFor = (operation: Operation, all: readonly Operation[], actual: Actual): readonly string[] => {
  const before = all.filter((other) => other !== operation && comesBefore(other, operation, actual));
  return [...new Set(before.map(operationId))].sort();
};

const comesBefore = (other: Operation, operation: Operation, actual: Actual): boolean => {
  if (operation.verb === 'delete') return mustPrecedeDelete(other, operation, actual);
  if (other.verb === 'delete') return false;
  if (operation.verb === 'move') return false;
  return mustPrecedeWrite(other, operation.resource);
};

/** A write waits for what it refers to; a rule for the numbers to be free; a name for what it will point at. */
const mustPrecedeWrite = (other: Operation, resource: Resource): boolean => {
  if (other.verb === 'move')
    return resource.kind === 'rule' ? resource.spec.listener === other.key : isServed(resource, other.key);
  const makes = other.verb === 'create' || other.verb === 'adopt';
  return (makes && references(resource).includes(other.key)) || isServed(resource, other.key);
};

const isServed = (resource: Resource, key: Key): boolean =>
  resource.kind === 'dns-record' && resource.spec.serves.includes(key);

const mustPrecedeDelete = (other: Operation, operation: Delete, actual: Actual): boolean => {
  const { resource } = operation;
  if (other.verb === 'delete')
    return taken(other.resource, actual).some((gone) => references(gone).includes(resource.key));
  if (other.verb !== 'create' && letsGo(other.key, resource.key, actual)) return true;
  return succeeds(other, resource);
};

/** A resource that is deleted, with everything AWS deletes along with it. */
const taken = (resource: Resource, actual: Actual): readonly Resource[] => {
  const children = [...actual.owned.values()].filter((other) => parent(other) === resource.key);
  return [resource, ...children.flatMap((child) => taken(child, actual))];
};

const letsGo = (writer: Key, key: Key, actual: Actual): boolean => {
  const found = actual.owned.get(writer) ?? actual.adoptable.get(writer);
  return found !== undefined && references(found).includes(key);
};

/** Whether an operation makes what serves instead of a resource that goes. */
const succeeds = (other: Exclude<Operation, Delete>, resource: Resource): boolean => {
  if (resource.kind === 'rule') {
    if (other.verb === 'move') return other.key === resource.spec.listener;
    return other.resource.kind === 'rule' && other.resource.spec.listener === resource.spec.listener;
  }
  if (other.verb === 'move') return false;
  if (resource.kind === 'listener')
    return (
      other.resource.kind === 'listener' && other.resource.spec.loadBalancer === resource.spec.loadBalancer
    );
  if (resource.kind === 'load-balancer')
    return ['load-balancer', 'listener', 'rule', 'dns-record'].includes(other.resource.kind);
  return false;
};
