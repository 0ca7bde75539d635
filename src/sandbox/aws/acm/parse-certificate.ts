/** Reads PEM certificates and keys with the checks that ACM makes on import. */
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyAlgorithm } from '@aws-sdk/client-acm';
import { ValidationException$ } from '@aws-sdk/client-acm';
import { refuse } from '../wire/refusal.ts';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The one certificate of a PEM text; throws when there is none, or more than one, or it cannot be read. */
export const readCertificate = (pem: string): X509Certificate => {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length !== 1) {
    throw refuse(
      ValidationException$,
      blocks.length === 0
        ? 'The certificate field contains no PEM-encoded certificate.'
        : 'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    );
  }
  return read(blocks[0] ?? '', 'certificate');
};

/** Throws unless the key can be read and belongs to the certificate. */
export const checkKey = (pem: string, certificate: X509Certificate): void => {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw refuse(
      ValidationException$,
      'The private key is not valid: an unencrypted PEM-encoded private key is expected.',
    );
  }
  if (!certificate.checkPrivateKey(key)) {
    throw refuse(ValidationException$, 'The private key does not match the public key of the certificate.');
  }
};

/** Throws unless the chain holds certificates of which the first issued the certificate. */
export const checkChain = (pem: string, certificate: X509Certificate): void => {
  const [issuer] = (pem.match(BLOCK) ?? []).map((block) => read(block, 'certificate chain'));
  if (issuer === undefined)
    throw refuse(ValidationException$, 'The certificate chain contains no PEM-encoded certificate.');
  if (!certificate.checkIssued(issuer)) {
    throw refuse(
      ValidationException$,
      'Provided certificate is not issued by the first certificate of the chain.',
    );
  }
};

const read = (pem: string, field: string): X509Certificate => {
  try {
    return new X509Certificate(pem);
  } catch {
    throw refuse(ValidationException$, `The ${field} field contains a certificate that cannot be parsed.`);
  }
};

/** Common name first, then the alternative DNS names, each once. */
export const domainsOf = (certificate: X509Certificate): string[] => {
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const alternatives = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].map(
    ([, name = '']) => name,
  );
  return [...new Set([...(common === undefined ? [] : [common]), ...alternatives])];
};

export const keyAlgorithm = ({ publicKey }: X509Certificate): KeyAlgorithm | undefined => {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (publicKey.asymmetricKeyType === 'rsa') return `RSA_${modulusLength}` as KeyAlgorithm;
  const curves: Readonly<Record<string, KeyAlgorithm>> = {
    prime256v1: 'EC_prime256v1',
    secp384r1: 'EC_secp384r1',
    secp521r1: 'EC_secp521r1',
  };
  return curves[namedCurve ?? ''];
};
