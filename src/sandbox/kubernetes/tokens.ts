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
  /** Who sends an Authorization header; undefined for a token that was forged or has expired. */
  identify(authorization: string | undefined): User | undefined;
};

/** What tokens are issued for when no other audience is asked for. */
export const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc';

/** Whoever shows no service account's token: the sandbox trusts all who reach its loopback port. */
const ADMIN: User = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** Tokens signed with the key of the server's certificate (ES256), so that they outlive a restart as it does. */
export const createTokens = ({ certificate, key }: Certificate): Tokens => {
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
    identify: (authorization) => {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      const parts = token?.split('.') ?? [];
      if (parts.length !== 3) return ADMIN;
      const [head, body, seal = ''] = parts;
      const good = verify(
        'sha256',
        Buffer.from(`${head}.${body}`),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(seal, 'base64url'),
      );
      const claims = good ? decode(body ?? '') : undefined;
      if (claims === undefined || Number(claims.exp) * 1000 <= Date.now()) return undefined;
      return userOf(claims);
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

const userOf = (claims: JsonObject): User => {
  const namespace = String(valueAt(claims, 'kubernetes.io', 'namespace'));
  return {
    username: String(claims.sub),
    uid: String(valueAt(claims, 'kubernetes.io', 'serviceaccount', 'uid')),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
};
