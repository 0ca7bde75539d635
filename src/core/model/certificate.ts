/** A certificate in ACM that is made here: asked of ACM, or imported from a Secret. */
import { sha256Hex } from './digest.ts';
import type { Key } from './key.ts';
import type { Tags } from './tags.ts';

export type CertificateSpec = {
  readonly origin: 'requested' | 'imported';
  /** DNS names, the first its common name. */
  readonly domains: readonly string[];
  /** As ACM calls it, such as `RSA_2048`. Imported only: AWS takes no other key into the same ARN. */
  readonly keyAlgorithm?: string;
  /** ARN of the private certificate authority that issues it; absent: Amazon does. Requested only. */
  readonly authority?: string;
  /** `namespace/name` of the Secret it comes from. Imported only. */
  readonly secret?: string;
  /** Digest of the certificate and its chain. Imported only. */
  readonly content?: string;
  /** Whether listeners can use it. A new one that is requested cannot yet. */
  readonly issued: boolean;
  /** Public hosted zones, by the name whose validation record belongs there. */
  readonly zones?: Readonly<Record<string, string>>;
  /** As found: the validation records that ACM waits for, as `name CNAME value`. */
  readonly waitsFor?: readonly string[];
  /** As found: why ACM will never issue it. */
  readonly failure?: string;
  /** End of its validity, RFC 3339; absent while it is not known. */
  readonly notAfter?: string;
  readonly tags: Tags;
};

/** Whether what a listener names is made by the graph; anything else is an ARN. */
export const isCertificateKey = (reference: string): reference is Key<'certificate'> =>
  reference.startsWith('certificate/');

/**
 * What one certificate has in common with those that follow it into the same ARN, and its tag `…/resource`: ACM
 * cannot change the names of a requested one, nor the kind of key of an imported one, and new names are a new
 * certificate, so that the old one serves until the new one does.
 */
export const certificateIdentity = (
  spec: Pick<CertificateSpec, 'origin' | 'domains' | 'keyAlgorithm' | 'authority' | 'secret'>,
): string => {
  const { origin, domains, keyAlgorithm = '', authority = '', secret = '' } = spec;
  const digest = sha256Hex([[...domains].sort().join(), ' ', keyAlgorithm, ' ', authority, ' ', secret], 10);
  const readable = origin === 'imported' ? secret : (domains[0] ?? '').replace('*', 'any');
  return `${origin}-${readable.slice(0, 150)}-${digest}`;
};

/** Whether a certificate was imported from a Secret, by its key. */
export const comesFrom = (key: Key<'certificate'>, secret: string): boolean => {
  const [, after] = key.split(`~imported-${secret.slice(0, 150)}-`);
  return after !== undefined && /^[0-9a-f]{10}$/.test(after);
};

/** `identity` as of {@link certificateIdentity}, or as its tag says. */
export const certificateKey = (stack: string, identity: string): Key<'certificate'> =>
  `certificate/${stack}~${identity}`;
