import { isJsonObject, type KubeObject, valueAt } from '../object.ts';
import { badRequest } from './errors.ts';

export type Matches = (object: KubeObject) => boolean;

type Requirement = { readonly key: string; readonly operator: string; readonly values: readonly string[] };

/** A label selector as in `?labelSelector=`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. */
export const parseLabelSelector = (text: string | undefined): Matches => {
  if (text === undefined || text.trim() === '') return () => true;
  const requirements = splitTop(text).map(parseRequirement);
  return (object) => requirements.every((requirement) => meets(object.metadata.labels ?? {}, requirement));
};

/** The selector of a spec: matchLabels and matchExpressions. An empty one matches everything, none nothing. */
export const matchLabels = (selector: unknown, labels: Readonly<Record<string, string>>): boolean => {
  if (!isJsonObject(selector)) return false;
  const wanted = isJsonObject(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  return expressions.every((one: unknown) => {
    const values = valueAt(one, 'values');
    return meets(labels, {
      key: String(valueAt(one, 'key')),
      operator: OPERATORS[String(valueAt(one, 'operator'))] ?? 'none',
      values: Array.isArray(values) ? values.map(String) : [],
    });
  });
};

const OPERATORS: Readonly<Record<string, string>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

const splitTop = (text: string): readonly string[] => text.split(/,(?![^()]*\))/).map((part) => part.trim());

const parseRequirement = (text: string): Requirement => {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator = '', values = ''] = set;
    return { key, operator, values: values.split(',').map((value) => value.trim()) };
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  }
  const exists = /^(!?)\s*([A-Za-z0-9][-A-Za-z0-9_./]*)$/.exec(text);
  if (exists) return { key: exists[2] ?? '', operator: exists[1] === '!' ? '!' : 'exists', values: [] };
  throw badRequest(
    `unable to parse requirement: found '${text}', expected: !, identifier, or 'end of string'`,
  );
};

const meets = (labels: Readonly<Record<string, string>>, { key, operator, values }: Requirement): boolean => {
  const value = labels[key];
  if (operator === 'in') return value !== undefined && values.includes(value);
  if (operator === 'notin') return value === undefined || !values.includes(value);
  if (operator === 'exists') return value !== undefined;
  return operator === '!' && value === undefined;
};
