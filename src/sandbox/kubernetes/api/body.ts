import { apiVersionOf, type Kind } from '../kinds.ts';
import { isJsonObject, type JsonObject, type KubeObject } from '../object.ts';
import { readAs, WrongType } from '../schema/check.ts';
import type { StructShape } from '../schema/shape.ts';
import type { WriteOptions } from './cluster.ts';
import { badRequest, cannotBeHandled } from './errors.ts';

/** An object as its type has it: pruned, of the right kind, with metadata. Unknown fields are told or refused. */
export const readObject = (
  body: unknown,
  kind: Kind,
  shape: StructShape,
  options: WriteOptions,
  refuse: (why: string) => Error = (why) => cannotBeHandled(kind, why),
): KubeObject => {
  if (!isJsonObject(body))
    throw badRequest(`the body must be a ${kind.kind} object, got ${JSON.stringify(body)?.slice(0, 100)}`);
  const typed = { ...body, apiVersion: body.apiVersion ?? apiVersionOf(kind), kind: body.kind ?? kind.kind };
  if (typed.apiVersion !== apiVersionOf(kind))
    throw badRequest(
      `the API version in the data (${String(typed.apiVersion)}) does not match the expected API version (${apiVersionOf(kind)})`,
    );
  if (typed.kind !== kind.kind) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): it is a ${String(typed.kind)}`,
    );
  }
  const unknown: string[] = [];
  const object = readTyped(typed, shape, unknown, refuse);
  reportUnknown(unknown, options, refuse);
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, name: metadata.name ?? '' } } as KubeObject;
};

const readTyped = (
  body: JsonObject,
  shape: StructShape,
  unknown: string[],
  refuse: (why: string) => Error,
): JsonObject => {
  try {
    return readAs(body, shape, unknown);
  } catch (error) {
    if (error instanceof WrongType) throw refuse(error.message);
    throw error;
  }
};

const reportUnknown = (
  unknown: readonly string[],
  options: WriteOptions,
  refuse: (why: string) => Error,
): void => {
  if (unknown.length === 0 || options.fieldValidation === 'Ignore') return;
  const each = unknown.map((path) => `unknown field "${path}"`);
  if (options.fieldValidation === 'Strict') throw refuse(`strict decoding error: ${each.join(', ')}`);
  for (const text of each) options.warn(text);
};
