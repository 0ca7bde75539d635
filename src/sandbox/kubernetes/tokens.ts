import { createHash, sign, verify, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { isJsonObject, type JsonObject, valueAt } from './object.ts';

export type User = {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
};

/** Who a token is bound to. */
export type ServiceAccount = { readonly namespace: string; readonly name: string; readonly uid: string };

export type Tokens = {
  /** A signed token for a service account; `seconds` is how long it is good for. */
  issue(
    account: ServiceAccount,
    options: { readonly seconds: number; readonly audiences: readonly string[]; readonly bound: JsonObject },
  ): { readonly token: string; readonly expires: number };
  /**
   * Who sends an Authorization header, nobody in particular without one; undefined for a token that is
   * not good, or not for any of the audiences, which are the API server's own when absent.
   */
  identify(authorization: string | undefined, audiences?: readonly string[]): User | undefined;
};

/** What tokens are issued for when no other audience is asked for. */
export const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc';

/** The token of the kubeconfig that the sandbox writes. */
export const ADMIN_TOKEN = 'sandbox';
const ADMIN: User = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const ANONYMOUS: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Whether an object a token is bound to is still there. */
export type Exists = (storage: string, namespace: string, name: string, uid: string) => boolean;

/** Tokens signed with the key of the server's certificate (ES256), so that they outlive a restart as it does. */
export const createTokens = ({ certificate, key }: Certificate, exists: Exists): Tokens => {
  const { publicKey } = new X509Certificate(certificate);
  const id = createHash('sha256').update(certificate).digest('base64url').slice(0, 16);
  const sealed = (data: string): string =>
    sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  return {
    issue: (account, { seconds, audiences, bound }) => {
      const now = Math.floor(Date.now() / 1000);
      const { namespace, name, uid } = account;
      const claims = {
        aud: audiences,
        exp: now + seconds,
        iat: now,
        iss: DEFAULT_AUDIENCE,
        'kubernetes.io': { namespace, ...bound, serviceaccount: { name, uid } },
        nbf: now,
        sub: `system:serviceaccount:${namespace}:${name}`,
      };
      const data = `${encode({ alg: 'ES256', kid: id, typ: 'JWT' })}.${encode(claims)}`;
      return { token: `${data}.${sealed(data)}`, expires: (now + seconds) * 1000 };
    },
    identify: (authorization, audiences = [DEFAULT_AUDIENCE]) => {
      if (authorization === undefined) return ANONYMOUS;
      const token = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
      if (token === ADMIN_TOKEN) return ADMIN;
      if (token.startsWith('user:')) return personOf(token);
      const [head, body, seal = ''] = token.split('.');
      const good = verify(
        'sha256',
        Buffer.from(`${head}.${body}`),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(seal, 'base64url'),
      );
      const claims = good ? decode(body ?? '') : undefined;
      if (claims === undefined || Number(claims.exp) * 1000 <= Date.now()) return undefined;
      const isFor = Array.isArray(claims.aud) && claims.aud.some((one) => audiences.includes(String(one)));
      return !isFor || isOrphan(claims, exists) ? undefined : userOf(claims);
    },
  };
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const decode = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** `user:anna` or `user:anna:ops,dev`: a person, and the groups they are in; needs no secret, as nothing here does. */
const personOf = (token: string): User | undefined => {
  const [, username = '', groups = ''] = token.split(':');
  if (username === '') return undefined;
  return { username, groups: [...groups.split(',').filter((one) => one !== ''), 'system:authenticated'] };
};

/** A token ends with its service account, and with the Pod or Secret it was made for. */
const isOrphan = (claims: JsonObject, exists: Exists): boolean => {
  const own = claims['kubernetes.io'];
  const namespace = String(valueAt(own, 'namespace'));
  return ['serviceaccount', 'pod', 'secret'].some((kind) => {
    const name = valueAt(own, kind, 'name');
    const uid = String(valueAt(own, kind, 'uid'));
    return name !== undefined && !exists(`${kind}s`, namespace, String(name), uid);
  });
};

const userOf = (claims: JsonObject): User => {
  const namespace = String(valueAt(claims, 'kubernetes.io', 'namespace'));
  return {
    username: String(claims.sub),
    uid: String(valueAt(claims, 'kubernetes.io', 'serviceaccount', 'uid')),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
};
