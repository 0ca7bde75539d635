/** A Secret of type kubernetes.io/tls as ACM wants it, checked for what ACM would refuse (AWS documentation of import). */
import type { Secret } from '../kube/objects.ts';
import { sha256Hex } from '../model/digest.ts';
import { millisecondsOf } from '../model/moment.ts';
import { type PemBlock, pemBlocks, textFromBase64 } from './pem.ts';
import { publicPart } from './private-key.ts';
import { readX509, type X509 } from './x509.ts';

export type TlsCertificate = Pick<X509, 'domains' | 'notAfter'> & {
  readonly keyAlgorithm: string;
  /** Digest of the certificate and its chain; says nothing of the key. */
  readonly content: string;
};

/** The same with the texts ACM takes, PEM. */
export type TlsMaterial = TlsCertificate & {
  readonly certificate: string;
  readonly privateKey: string;
  /** Empty: there is none. */
  readonly chain: string;
};

export type Wrong = { readonly wrong: string };

const CERTIFICATE = 'tls.crt';
const KEY = 'tls.key';

/** `asOf`: milliseconds since the epoch; undefined: nothing is said of what has expired. */
export const readTlsSecret = (secret: Secret, asOf: number | undefined): TlsMaterial | Wrong => {
  const missing = [CERTIFICATE, KEY].find((name) => !secret.data?.[name]);
  if (missing !== undefined) return { wrong: `has no ${missing}` };
  const [leaf, ...issuers] = blocksIn(secret, CERTIFICATE).filter(({ label }) => label === 'CERTIFICATE');
  const key = blocksIn(secret, KEY).find(({ label }) => label.endsWith('PRIVATE KEY'));
  const parsed = leaf && readX509(leaf.bytes);
  if (!leaf || !parsed) return { wrong: `has no certificate in ${CERTIFICATE} that can be read (PEM)` };
  if (!key) return { wrong: `has no private key in ${KEY} (PEM)` };
  const wrong = wrongWithKey(parsed, key) ?? wrongWithChain(parsed, issuers) ?? wrongWithTime(parsed, asOf);
  if (wrong !== undefined) return { wrong };
  const { domains, notAfter, keyAlgorithm = '' } = parsed;
  const texts = [leaf, ...issuers].map(({ text }) => text);
  return {
    ...{ domains, notAfter, keyAlgorithm },
    content: sha256Hex(
      texts.map((it) => it.replace(/\s/g, '')),
      40,
    ),
    certificate: leaf.text,
    privateKey: key.text,
    chain: texts.slice(1).join(''),
  };
};

const blocksIn = ({ data }: Secret, name: string): readonly PemBlock[] =>
  pemBlocks(textFromBase64(data?.[name] ?? ''));

const wrongWithKey = ({ keyAlgorithm, publicKey, domains }: X509, key: PemBlock): string | undefined => {
  if (keyAlgorithm === undefined)
    return 'has a key that load balancers do not serve; expected RSA of 2048, 3072 or 4096 bits, or EC P-256, P-384 or P-521';
  if (domains.length === 0) return 'has a certificate without a DNS name';
  if (key.label === 'ENCRYPTED PRIVATE KEY')
    return `has an encrypted private key in ${KEY}; expected it in the clear`;
  const part = publicPart(key);
  if (part === undefined) return `has a private key in ${KEY} that cannot be read`;
  return part === 'unsaid' || part === publicKey
    ? undefined
    : `has a private key in ${KEY} that does not belong to the certificate in ${CERTIFICATE}`;
};

/** Each certificate is followed by the one that issued it. */
const wrongWithChain = (leaf: X509, issuers: readonly PemBlock[]): string | undefined => {
  let before = leaf;
  for (const [index, block] of issuers.entries()) {
    const issuer = readX509(block.bytes);
    if (!issuer) return `has a chain in ${CERTIFICATE} whose certificate ${index + 2} cannot be read`;
    if (issuer.subject !== before.issuer)
      return `has a chain in ${CERTIFICATE} that is out of order: certificate ${index + 2} did not issue the one before it`;
    before = issuer;
  }
  return undefined;
};

const wrongWithTime = ({ notAfter, notBefore }: X509, asOf: number | undefined): string | undefined => {
  if (asOf === undefined) return undefined;
  if (millisecondsOf(notAfter) <= asOf) return `has a certificate that expired on ${notAfter.slice(0, 10)}`;
  return millisecondsOf(notBefore) > asOf
    ? `has a certificate that is not valid before ${notBefore.slice(0, 10)}`
    : undefined;
};
