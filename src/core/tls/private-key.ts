/** What a private key says of the public one it belongs to: PKCS #8, PKCS #1 and SEC 1. */
import { BIT_STRING, elements, hexOf, INTEGER, numberHex, OCTET_STRING, partsOf } from './der.ts';
import type { PemBlock } from './pem.ts';

/** EC: tag of the optional public key. */
const CONTEXT_1 = 0xa1;

/** As {@link X509.publicKey} has it; `unsaid` where an EC key leaves it out; undefined when the key cannot be read. */
export const publicPart = ({ label, bytes }: PemBlock): string | 'unsaid' | undefined => {
  switch (label) {
    case 'RSA PRIVATE KEY':
      return ofRsa(bytes);
    case 'EC PRIVATE KEY':
      return ofEc(bytes);
    case 'PRIVATE KEY': {
      const inner = partsOf(bytes).find(({ tag }) => tag === OCTET_STRING)?.content;
      return inner && (ofEc(inner) ?? ofRsa(inner));
    }
    default:
      return undefined;
  }
};

const ofRsa = (bytes: Uint8Array): string | undefined => {
  const [version, modulus, exponent] = partsOf(bytes);
  return version?.tag === INTEGER && modulus?.tag === INTEGER && exponent?.tag === INTEGER
    ? numberHex(modulus)
    : undefined;
};

const ofEc = (bytes: Uint8Array): string | 'unsaid' | undefined => {
  const [version, secret, ...rest] = partsOf(bytes);
  if (version?.tag !== INTEGER || secret?.tag !== OCTET_STRING) return undefined;
  const [point] = elements(rest.find(({ tag }) => tag === CONTEXT_1)?.content ?? new Uint8Array());
  return point?.tag === BIT_STRING ? hexOf(point).slice(2) : 'unsaid';
};
