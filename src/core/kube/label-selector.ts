/** Label selectors as Kubernetes has them (`metav1.LabelSelector`). */

/** Whether labels are chosen, or what is wrong with the selector: `at` is the place in it. */
export type Selection =
  | { readonly chosen: boolean }
  | { readonly wrong: { readonly at: string; readonly expected: string; readonly value: unknown } };

type Labels = Readonly<Record<string, string>>;

/** All parts must hold; an empty selector chooses everything. The selector is read with care: it may be anything. */
export const selects = (selector: unknown, labels: Labels): Selection => {
  if (!isObject(selector))
    return wrong('', 'a label selector with matchLabels or matchExpressions', selector);
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (!isObject(matchLabels)) return wrong('matchLabels', 'a map of labels', matchLabels);
  if (!Array.isArray(matchExpressions)) return wrong('matchExpressions', 'a list', matchExpressions);
  let chosen = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  for (const [index, expression] of matchExpressions.entries()) {
    const held = holds(expression, labels, `matchExpressions[${index}]`);
    if ('wrong' in held) return held;
    chosen &&= held.chosen;
  }
  return { chosen };
};

const holds = (expression: unknown, labels: Labels, at: string): Selection => {
  if (!isObject(expression) || typeof expression.key !== 'string')
    return wrong(at, 'an object with key, operator and values', expression);
  const { key, operator, values = [] } = expression;
  if (!Array.isArray(values)) return wrong(`${at}.values`, 'a list', values);
  const value = labels[key];
  switch (operator) {
    case 'Exists':
      return { chosen: value !== undefined };
    case 'DoesNotExist':
      return { chosen: value === undefined };
    case 'In':
      return { chosen: value !== undefined && values.includes(value) };
    case 'NotIn':
      return { chosen: value === undefined || !values.includes(value) };
    default:
      return wrong(`${at}.operator`, 'In, NotIn, Exists or DoesNotExist', operator);
  }
};

const wrong = (at: string, expected: string, value: unknown): Selection => ({
  wrong: { at, expected, value },
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
