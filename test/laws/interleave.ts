/** An apply runs what may run at once, so the order of a plan is only what its waits say. */
import { type Operation, operationId } from '../../src/core/plan/plan.ts';

/** The same operations as far from their given order as the waits allow: of those that may run, the last. */
export const lastFirst = (operations: readonly Operation[]): readonly Operation[] => {
  const left = [...operations];
  const done = new Set<string>();
  const order: Operation[] = [];
  while (left.length > 0) {
    const index = left.findLastIndex((operation) => operation.after.every((id) => done.has(id)));
    const [operation] = left.splice(index, 1);
    if (!operation || index < 0) throw new Error('nothing may run');
    done.add(operationId(operation));
    order.push(operation);
  }
  return order;
};
