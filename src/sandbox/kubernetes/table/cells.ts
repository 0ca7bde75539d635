import { isJsonObject, type JsonObject, valueAt } from '../object.ts';

/** The list at a path, empty when there is none. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly JsonObject[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.map((item) => (isJsonObject(item) ? item : {})) : [];
};

export const numberAt = (value: unknown, ...path: readonly string[]): number => {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : 0;
};

export const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = valueAt(value, ...path);
  return found === undefined || found === null ? '' : String(found);
};

/** `a=b,c=d`, or `<none>`. */
export const labelText = (labels: unknown): string => {
  const entries = isJsonObject(labels) ? Object.entries(labels) : [];
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${String(value)}`).join(',');
};

/** A label selector of a spec as kubectl prints it. */
export const selectorText = (selector: unknown): string => {
  const labels = isJsonObject(valueAt(selector, 'matchLabels'))
    ? labelText(valueAt(selector, 'matchLabels'))
    : '';
  const expressions = listAt(selector, 'matchExpressions').map((one) => {
    const values = Array.isArray(one.values) ? one.values.join(',') : '';
    if (one.operator === 'Exists') return String(one.key);
    return one.operator === 'DoesNotExist'
      ? `!${String(one.key)}`
      : `${String(one.key)} ${String(one.operator).toLowerCase()} (${values})`;
  });
  return [labels, ...expressions].filter((part) => part !== '' && part !== '<none>').join(',') || '<none>';
};

export const containerNames = (template: unknown): string =>
  listAt(template, 'spec', 'containers')
    .map((one) => String(one.name))
    .join(',');
export const containerImages = (template: unknown): string =>
  listAt(template, 'spec', 'containers')
    .map((one) => String(one.image))
    .join(',');

export const conditionOf = (object: unknown, type: string): JsonObject | undefined =>
  listAt(object, 'status', 'conditions').find((one) => one.type === type);
