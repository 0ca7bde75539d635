import type { User } from '../tokens.ts';

/** A request for objects, in the words that rules of roles are written in. */
export type ResourceAttributes = {
  readonly user: User;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty for none, as are `namespace` and `name`. */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

/** A request for anything else, such as `/version`. */
export type PathAttributes = { readonly user: User; readonly verb: string; readonly path: string };

export type Attributes = ResourceAttributes | PathAttributes;

export const isPath = (asked: Attributes): asked is PathAttributes => 'path' in asked;

/** `ingresses/status`, as rules name a subresource. */
export const fullResource = ({ resource, subresource }: ResourceAttributes): string =>
  subresource === '' ? resource : `${resource}/${subresource}`;

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * What a request asks to be allowed, whether or not such a resource is served.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
export const attributesOf = (user: User, method: string, url: URL): Attributes => {
  const verb = VERBS[method] ?? method.toLowerCase();
  const parts = url.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const [root, ...rest] = parts;
  const group = root === 'apis' ? rest[0] : root === 'api' ? '' : undefined;
  const path = root === 'apis' ? rest.slice(2) : rest.slice(1);
  if (group === undefined || path.length === 0)
    return { user, verb: method.toLowerCase(), path: url.pathname };
  const { namespace, names } = placeOf(path);
  const [resource = '', name = '', subresource = ''] = names;
  const base = { user, group, resource, subresource, namespace };
  if (name !== '') return { ...base, verb, name };
  if (verb === 'delete') return { ...base, verb: 'deletecollection', name };
  if (verb !== 'get') return { ...base, verb, name };
  const watch = url.searchParams.get('watch');
  const selected = /(?:^|,)metadata\.name==?([^,]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
  return {
    ...base,
    verb: watch === null || watch === 'false' || watch === '0' ? 'list' : 'watch',
    name: selected ?? '',
  };
};

/** A namespace is itself in its namespace, so that those who may act in it may look at it. */
const placeOf = (
  path: readonly string[],
): { readonly namespace: string; readonly names: readonly string[] } => {
  const [first, namespace = '', third] = path;
  if (first !== 'namespaces' || namespace === '') return { namespace: '', names: path };
  const own = third === undefined || third === 'status' || third === 'finalize';
  return { namespace, names: own ? path : path.slice(2) };
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};
