import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readObject } from './json-web-token.ts';
import type { AuthFailure } from './log-in.ts';
import type { ProviderRequest } from './provider-request.ts';

/** Public keys of issuers, by the endpoint that publishes them. */
export type KeySets = {
  /** The RSA keys a token may be signed with: the one of this id, or all when the token names none. */
  find(endpoint: string, keyId: string | undefined): Promise<readonly KeyObject[] | AuthFailure>;
};

/** Real milliseconds a set is used again; one that lacks a key is asked for again sooner. */
const KEPT_MS = 5 * 60_000;
const ASKED_AGAIN_MS = 1000;
/** AWS documentation: larger sets are refused. */
const MOST_KEYS = 10;

type KeySet = { readonly at: number; readonly keys: readonly { id: string | undefined; key: KeyObject }[] };

export const keySets = (request: ProviderRequest): KeySets => {
  const sets = new Map<string, KeySet>();
  const pending = new Map<string, Promise<KeySet | AuthFailure>>();
  const fetchSet = async (endpoint: string): Promise<KeySet | AuthFailure> => {
    const set = await loadSet(request, endpoint);
    if ('keys' in set) sets.set(endpoint, set);
    pending.delete(endpoint);
    return set;
  };
  const fresh = (endpoint: string): Promise<KeySet | AuthFailure> => {
    const under = pending.get(endpoint) ?? fetchSet(endpoint);
    if (!pending.has(endpoint)) pending.set(endpoint, under);
    return under;
  };
  return {
    find: async (endpoint, keyId) => {
      const known = sets.get(endpoint);
      const age = Date.now() - (known?.at ?? 0);
      const found = known === undefined || age > KEPT_MS ? [] : keysOf(known, keyId);
      if (found.length > 0 || (known !== undefined && age < ASKED_AGAIN_MS)) return found;
      const set = await fresh(endpoint);
      return 'keys' in set ? keysOf(set, keyId) : set;
    },
  };
};

const keysOf = (set: KeySet, keyId: string | undefined): readonly KeyObject[] =>
  set.keys.filter((each) => keyId === undefined || each.id === keyId).map((each) => each.key);

/** Requests are not let through when there is no usable key set; 500 as for other endpoints that cannot be asked. */
const loadSet = async (request: ProviderRequest, endpoint: string): Promise<KeySet | AuthFailure> => {
  const failed = (reason: string, why: string): AuthFailure => ({ status: 500, reason, why });
  const answer = await request(endpoint, { headers: {} });
  if ('problem' in answer) {
    const reason = { timeout: 'JWKSRequestTimeout', 'too large': 'JWKSResponseSizeExceeded' } as const;
    return failed(
      answer.problem === 'unreachable' ? 'JWKSRequestFailed' : reason[answer.problem],
      answer.why,
    );
  }
  const listed = answer.status === 200 ? readObject(answer.body)?.keys : undefined;
  if (!Array.isArray(listed))
    return failed('JWKSRequestFailed', `${endpoint} answered ${answer.status} without keys`);
  if (listed.length > MOST_KEYS)
    return failed('JWKSResponseSizeExceeded', `${endpoint} has more than ${MOST_KEYS} keys`);
  return { at: Date.now(), keys: listed.flatMap(readKey) };
};

/** Keys other than for RSA signatures are of no use here. */
const readKey = (jwk: JsonWebKey & { kid?: unknown; use?: unknown }): KeySet['keys'] => {
  if (jwk.kty !== 'RSA' || jwk.use === 'enc') return [];
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return [{ id: typeof jwk.kid === 'string' ? jwk.kid : undefined, key }];
  } catch {
    return [];
  }
};
