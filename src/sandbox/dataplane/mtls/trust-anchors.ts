import { X509Certificate } from 'node:crypto';
import type { StoredTrustStore } from '../../aws/state.ts';
import { revokedIds } from './revocation-list.ts';

/** A trust store, ready for checking certificates. */
export type TrustAnchors = {
  readonly authorities: readonly X509Certificate[];
  /** The authorities in PEM, for advertising their names. */
  readonly pem: readonly string[];
  /** `issuer serial` as in `certificateId`. */
  readonly revoked: ReadonlySet<string>;
};

/** Reads a trust store. Throws for a bundle or list that cannot be read. */
export const trustAnchors = (store: StoredTrustStore): TrustAnchors => {
  const pem = store.bundle.match(CERTIFICATE) ?? [];
  if (pem.length === 0) throw new Error(`trust store '${store.Name}' has no certificates`);
  return {
    authorities: pem.map((text) => new X509Certificate(text)),
    pem,
    revoked: revokedIds([...store.revocations.values()].map((each) => each.crl)),
  };
};

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
