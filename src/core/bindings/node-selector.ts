/** Label selectors, as `metav1.LabelSelector`: all requirements have to hold (Kubernetes documentation). */
import { listOf, record, string, word } from '../annotations/shape.ts';
import type { Node } from '../kube/objects.ts';

const TEXT = string('text', () => true);

const REQUIREMENTS = listOf(
  record({
    key: TEXT,
    operator: word('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: listOf(TEXT, 0, 1000),
  }),
  0,
  100,
);

export type NodeSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: NonNullable<ReturnType<typeof REQUIREMENTS>>;
};

const labels = (value: unknown): Readonly<Record<string, string>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : undefined;

export const SELECTOR = record({
  matchLabels: (value, at, findings) => {
    const read = labels(value);
    if (!read) findings.faults.push({ at, expected: 'an object of labels' });
    return read;
  },
  matchExpressions: REQUIREMENTS,
});

/** Whether a node is chosen; everything is by a selector that asks for nothing. */
export const selects = (
  { matchLabels = {}, matchExpressions = [] }: NodeSelector,
  { metadata }: Node,
): boolean => {
  const has = metadata.labels ?? {};
  return (
    Object.entries(matchLabels).every(([name, value]) => has[name] === value) &&
    matchExpressions.every(({ key = '', operator, values = [] }) => {
      const value = has[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    })
  );
};
