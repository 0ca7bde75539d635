import { ApiError, badRequest } from '../api/errors.ts';
import { copyJson, isJsonObject, sameJson } from '../object.ts';

/** JSON Patch (RFC 6902). Returns a changed copy; refuses an operation that does not fit the document. */
export const applyJsonPatch = (document: unknown, patch: unknown): unknown => {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations');
  let result = copyJson(document);
  for (const entry of patch) {
    const operation = parseOperation(entry);
    result = OPERATIONS[operation.op](result, operation);
  }
  return result;
};

type Op = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
type Operation = {
  readonly op: Op;
  readonly path: readonly string[];
  readonly from: readonly string[];
  readonly value: unknown;
};

const parseOperation = (entry: unknown): Operation => {
  if (!isJsonObject(entry)) throw badRequest('a JSON patch operation must be an object');
  const { op, path, from, value } = entry;
  if (typeof op !== 'string' || !Object.hasOwn(OPERATIONS, op))
    throw rejected(`Unexpected kind: ${String(op)}`);
  return { op: op as Op, path: pointer(path), from: from === undefined ? [] : pointer(from), value };
};

const pointer = (text: unknown): readonly string[] => {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw rejected(`a JSON pointer must start with "/", got ${JSON.stringify(text)}`);
  }
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
};

const OPERATIONS: Readonly<Record<Op, (document: unknown, operation: Operation) => unknown>> = {
  add: (document, { path, value }) => add(document, path, copyJson(value), 'add'),
  remove: (document, { path }) => remove(document, path, 'remove'),
  replace: (document, { path, value }) => {
    if (path.length === 0) return copyJson(value);
    find(document, path, 'replace');
    const parent = find(document, path.slice(0, -1), 'replace');
    const last = path.at(-1) ?? '';
    if (Array.isArray(parent)) parent[index(last, parent.length - 1, 'replace', path)] = copyJson(value);
    else if (isJsonObject(parent)) parent[last] = copyJson(value);
    return document;
  },
  move: (document, { from, path }) => {
    const value = find(document, from, 'move');
    return add(remove(document, from, 'move'), path, value, 'move');
  },
  copy: (document, { from, path }) => add(document, path, copyJson(find(document, from, 'copy')), 'copy'),
  test: (document, { path, value }) => {
    if (
      !sameJson(lookUp(document, path), value ?? undefined) &&
      !(value === null && lookUp(document, path) === undefined)
    ) {
      throw rejected(`testing value /${path.join('/')} failed: test failed`);
    }
    return document;
  },
};

const lookUp = (document: unknown, path: readonly string[]): unknown => {
  let here = document;
  for (const part of path) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (isJsonObject(here)) here = here[part];
    else return undefined;
  }
  return here;
};

const find = (document: unknown, path: readonly string[], op: Op): unknown => {
  const value = lookUp(document, path);
  if (value === undefined) throw missing(op, path);
  return value;
};

const add = (document: unknown, path: readonly string[], value: unknown, op: Op): unknown => {
  if (path.length === 0) return value;
  const parent = lookUp(document, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent))
    parent.splice(last === '-' ? parent.length : index(last, parent.length, op, path), 0, value);
  else if (isJsonObject(parent)) parent[last] = value;
  else throw missing(op, path);
  return document;
};

const remove = (document: unknown, path: readonly string[], op: Op): unknown => {
  find(document, path, op);
  const parent = lookUp(document, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  if (Array.isArray(parent)) parent.splice(index(last, parent.length - 1, op, path), 1);
  else if (isJsonObject(parent)) delete parent[last];
  return document;
};

const index = (text: string, most: number, op: Op, path: readonly string[]): number => {
  const at = /^\d+$/.test(text) ? Number(text) : -1;
  if (at < 0 || at > most) throw missing(op, path);
  return at;
};

const missing = (op: Op, path: readonly string[]): ApiError =>
  rejected(`${op} operation does not apply: doc is missing path: /${path.join('/')}: missing value`);

/** kube-apiserver does not tell clients which operation failed; `why` stays in the error for whoever debugs the sandbox. */
const rejected = (why: string): ApiError => {
  const error = new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
  error.cause = why;
  return error;
};
