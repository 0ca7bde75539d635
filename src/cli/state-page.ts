/** `/state`: what the controller knows and wants, for people and tools. */
import type { Controller } from '../controller/controller.ts';
import type { Graph } from '../core/model/resource.ts';

/** Pretty JSON. Values whose names speak of secrets are hidden, whatever they are. */
export const statePage = (controller: Controller): string => {
  const stacks = [...controller.stacks()].sort(([a], [b]) => (a < b ? -1 : 1));
  const described = stacks.map(([stack, { actual, planned }]) => ({
    stack,
    ingresses: planned?.desired.accepted.map(({ id }) => id) ?? [],
    desired: planned ? inOrder(planned.desired.graph) : null,
    actual: actual
      ? {
          resources: inOrder(actual.owned).map((resource) => ({
            id: actual.ids.get(resource.key) ?? null,
            ...resource,
          })),
          foreign: actual.foreign,
          loadBalancers: Object.fromEntries(actual.loadBalancers),
        }
      : null,
    plan: planned?.plan ?? null,
    problems: planned?.problems ?? [],
  }));
  const bindings = [...controller.bindings()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([binding, { group, told }]) => ({ binding, group: group ?? null, told: [...told] }));
  return `${JSON.stringify({ ...controller.stats(), stacks: described, bindings }, hideSecrets, 2)}\n`;
};

const inOrder = (graph: Graph) => [...graph.values()].sort((a, b) => (a.key < b.key ? -1 : 1));

const SECRET = /secret|password|token|private.?key/i;
const HIDDEN = '(hidden)';

const hideSecrets = (name: string, value: unknown): unknown => {
  if (SECRET.test(name) && typeof value === 'string') return HIDDEN;
  // A change names its field beside the values.
  const isChange = typeof value === 'object' && value !== null && 'field' in value;
  return isChange && SECRET.test(String(value.field)) ? { ...value, from: HIDDEN, to: HIDDEN } : value;
};
