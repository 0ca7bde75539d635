import { apiVersionOf } from '../kinds.ts';
import { isJsonObject } from '../object.ts';
import type { Shape } from '../schema/shape.ts';
import type { Place } from './cluster.ts';
import { ApiError } from './errors.ts';
import { goText } from './go-text.ts';

/** Throws for a configuration to apply that has a list where an object belongs, or the other way round. */
export const checkTyped = (place: Place, patch: unknown, shape: Shape): void => {
  const fields = isJsonObject(patch) ? mismatches(patch, shape, '') : [];
  if (fields.length > 0) throw untyped(place, fields);
};

/** For a configuration with fields that its type does not have; `why` names them. */
export const undeclared = (place: Place, why: string): ApiError => {
  const fields = [...why.matchAll(/unknown field "([^"]+)"/g)].map(
    ([, path = '']) => `.${path}: field not declared in schema`,
  );
  return untyped(place, fields.length === 0 ? [why] : fields);
};

/** What a real server says, with 500, to an apply that the schema of the kind does not fit. */
const untyped = ({ kind, namespace, name }: Place, fields: readonly string[]): ApiError => {
  const where = `${namespace === undefined ? '' : `${namespace}/`}${name}; ${apiVersionOf(kind)}, Kind=${kind.kind}`;
  const text = fields.length > 1 ? `errors:\n${fields.map((one) => `  ${one}`).join('\n')}` : fields[0];
  return new ApiError(500, undefined, `failed to create typed patch object (${where}): ${text}`);
};

const mismatches = (value: unknown, shape: Shape, path: string): readonly string[] => {
  if (value === null || value === undefined || shape.kind === 'scalar' || shape.kind === 'any') return [];
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) return [`${path}: expected list, got &{${goText(value)}}`];
    return value.flatMap((item, at) => mismatches(item, shape.of, `${path}[${at}]`));
  }
  if (!isJsonObject(value)) return [`${path}: expected map, got &{${goText(value)}}`];
  return Object.entries(value).flatMap(([name, item]) => {
    const inner = shape.kind === 'map' ? shape.of : shape.fields.get(name)?.shape;
    return inner === undefined ? [] : mismatches(item, inner, `${path}.${name}`);
  });
};
