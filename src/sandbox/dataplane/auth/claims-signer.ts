import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { IdentityProvider } from './identity-provider.ts';
import type { Session } from './session-cookie.ts';

/** Signs what targets are told of users, with a key of its own per data plane. */
export type ClaimsSigner = {
  /** X-Amzn-Oidc-* headers, names and values in turn. `signer` is the load balancer's ARN. */
  headers(session: Session, provider: IdentityProvider, signer: string): readonly string[];
  /** The key by its id, in PEM: what AWS serves at `public-keys.auth.elb.REGION.amazonaws.com/ID`. */
  publicKey(id: string): string | undefined;
};

/** Real seconds for which a target may take the claims as fresh. */
const LIFETIME_S = 120;

export const claimsSigner = (): ClaimsSigner => {
  let pair: { id: string; privateKey: KeyObject; publicKey: KeyObject } | undefined;
  return {
    headers: (session, provider, signer) => {
      pair ??= { id: randomUUID(), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
      const exp = Math.floor(Date.now() / 1000) + LIFETIME_S;
      const { issuer: iss, clientId: client } = provider;
      const header = { typ: 'JWT', kid: pair.id, alg: 'ES256', iss, client, signer, exp };
      const token = signed(header, { ...session.claims, exp, iss }, pair.privateKey);
      const subject = String(session.claims.sub);
      return [
        ...['X-Amzn-Oidc-Accesstoken', session.accessToken],
        ...['X-Amzn-Oidc-Identity', headerText(subject), 'X-Amzn-Oidc-Data', token],
      ];
    },
    publicKey: (id) =>
      pair?.id === id ? pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() : undefined,
  };
};

/** A subject may hold characters that no header can. */
const headerText = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text));

const signed = (header: unknown, payload: unknown, key: KeyObject): string => {
  const text = [header, payload].map((part) => padded(Buffer.from(JSON.stringify(part)))).join('.');
  return `${text}.${padded(sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`;
};

/** AWS keeps the padding that tokens usually go without (AWS documentation). */
const padded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
