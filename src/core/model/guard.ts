/** Steps that a request has to pass before the last action of a rule. AWS takes them on HTTPS listeners only. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonical, sha256Hex } from './digest.ts';
import { CLIENT_TAG } from './names.ts';
import type { Tags } from './tags.ts';

/** How users log in, whoever the identity provider is. */
export type Login = {
  /** Scopes, separated by spaces. */
  readonly scope: string;
  /** Name of the cookie that holds the session. */
  readonly cookie: string;
  /** Longest session in seconds, 1..604800. */
  readonly sessionSeconds: number;
  /** What becomes of a request without a session: sent to the provider, let through, or answered by 401. */
  readonly onUnauthenticated: 'authenticate' | 'allow' | 'deny';
  /** Further query parameters of the request to the provider, at most ten. */
  readonly extraParams: Readonly<Record<string, string>>;
};

/**
 * Who the load balancer is to the identity provider. The values stand in a Secret and are looked up when the plan
 * is applied; here are digests only, because plans are printed and compared.
 */
export type ClientCredentials = {
  /** Digest of the client's id, which AWS tells. */
  readonly id: string;
  /** Digest of id and secret, see {@link clientVersion}; empty: AWS has a client that nobody noted. */
  readonly version: string;
  /** `namespace/name` of the Secret; absent in what was read from AWS. */
  readonly from?: string;
};

export type Claim = {
  readonly name: string;
  readonly format: 'single-string' | 'string-array' | 'space-separated-values';
  readonly values: readonly string[];
};

export type Guard =
  | {
      readonly type: 'authenticate-oidc';
      readonly issuer: string;
      readonly authorizationEndpoint: string;
      readonly tokenEndpoint: string;
      readonly userInfoEndpoint: string;
      readonly client: ClientCredentials;
      readonly login: Login;
    }
  | {
      readonly type: 'authenticate-cognito';
      /** ARN. */
      readonly userPool: string;
      readonly clientId: string;
      /** A prefix of Amazon's domain, or a whole name. */
      readonly domain: string;
      readonly login: Login;
    }
  | {
      readonly type: 'jwt-validation';
      readonly jwksEndpoint: string;
      readonly issuer: string;
      readonly claims: readonly Claim[];
    };

type Typed = { readonly type: string };

const GUARDS: ReadonlySet<string> = new Set<Guard['type']>([
  'authenticate-oidc',
  'authenticate-cognito',
  'jwt-validation',
]);

export const isGuard = <A extends Typed>(action: A): action is A & Guard => GUARDS.has(action.type);

/** The guards among actions as one text, equal for guards that let the same in; empty without any. */
export const guardsText = (actions: readonly Typed[]): string =>
  actions
    .filter(isGuard)
    .map((guard) => canonical(comparable(guard)))
    .join();

/** A guard without what means nothing: where the credentials come from, and the order of claims. */
export const comparable = (guard: Guard): unknown => {
  if (guard.type === 'authenticate-oidc') {
    const { from: _, ...client } = guard.client;
    return { ...guard, client };
  }
  if (guard.type === 'jwt-validation')
    return {
      ...guard,
      claims: guard.claims.map((it) => canonical({ ...it, values: [...it.values].sort() })).sort(),
    };
  return guard;
};

/** Digest of a client's id, as it stands in plans. */
export const clientIdDigest = (id: string): string => sha256Hex([id], 16);

/**
 * Digest of a client's credentials, to notice that they were exchanged: AWS never gives the secret back. Keyed with
 * the uid of the Secret, which is random and which only those learn who may read the Secret, so that the digest, in a
 * tag for all to see, is no help in guessing the secret. Without a uid (manifests) nothing is told at all.
 */
export const clientVersion = (uid: string | undefined, id: string, secret: string): string =>
  uid === undefined
    ? 'unknown'
    : bytesToHex(hmac(sha256, utf8ToBytes(uid), utf8ToBytes(canonical([id, secret])))).slice(0, 16);

/** The tag that notes which credentials AWS was given with these actions; none without an OpenID Connect client. */
export const clientNote = (actions: readonly Typed[]): Tags =>
  Object.fromEntries(
    actions
      .filter(isGuard)
      .flatMap((guard) =>
        guard.type === 'authenticate-oidc' && guard.client.version !== ''
          ? [[CLIENT_TAG, guard.client.version]]
          : [],
      ),
  );
