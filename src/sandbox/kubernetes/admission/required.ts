import { type Cause, required } from '../api/errors.ts';
import { isJsonObject } from '../object.ts';
import type { Shape, StructShape } from '../schema/shape.ts';

/**
 * Required values that are missing or empty, anywhere but in metadata and status. Kubernetes checks these by hand,
 * kind by kind; the published models mark the same fields. Only scalars: many required lists and objects are in
 * fact accepted when absent.
 */
export const checkRequired = (
  object: Readonly<Record<string, unknown>>,
  shape: StructShape,
): readonly Cause[] => {
  const causes: Cause[] = [];
  for (const [name, field] of shape.fields) {
    if (name !== 'metadata' && name !== 'status') walk(object[name], field.shape, name, causes);
  }
  return causes;
};

const walk = (value: unknown, shape: Shape, path: string, causes: Cause[]): void => {
  if (shape.kind === 'struct' && isJsonObject(value)) {
    for (const [name, field] of shape.fields) {
      const inner = value[name];
      const at = `${path}.${name}`;
      if (inner !== undefined) walk(inner, field.shape, at, causes);
      else if (field.required && field.shape.kind === 'scalar' && !OPTIONAL.test(at))
        causes.push(required(at, WHY[name]));
    }
  } else if (shape.kind === 'list' && Array.isArray(value)) {
    value.forEach((item, at) => {
      walk(item, shape.of, `${path}[${at}]`, causes);
    });
  } else if (shape.kind === 'map' && isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) walk(item, shape.of, `${path}[${key}]`, causes);
  }
};

const WHY: Readonly<Record<string, string>> = { pathType: 'pathType must be specified' };
/** Marked required in the models, accepted without by the API server. */
const OPTIONAL = /roleRef\.apiGroup$|reportingComponent$|reportingInstance$|\.ephemeral|serviceName$/;
