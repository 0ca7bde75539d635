import { type DerValue, derValues, TAG } from './der.ts';

/** Issuer and serial number of a certificate, as they stand in its DER. */
export type CertificateId = { readonly issuer: string; readonly serial: string; readonly version: number };

/** Reads a certificate's version (1 to 3) and what revocation lists name it by. Throws for what is no certificate. */
export const certificateId = (der: Buffer): CertificateId => {
  const body = derValues(derValues(der)[0]?.content ?? der)[0]?.content;
  const fields = derValues(body ?? Buffer.alloc(0));
  const [first] = fields;
  const versioned = first?.tag === TAG.context0;
  const version = versioned ? (derValues(first.content)[0]?.content.at(-1) ?? 0) + 1 : 1;
  const [serial, , issuer] = versioned ? fields.slice(1) : fields;
  if (serial === undefined || issuer === undefined) throw new RangeError('this is no certificate');
  return { version, serial: serial.content.toString('hex'), issuer: issuer.whole.toString('hex') };
};

/**
 * The certificates that revocation lists (PEM) name, as `issuer serial`. Whether a list is signed and current was AWS's
 * to check when it was added; an expired list still revokes.
 */
export const revokedIds = (lists: readonly string[]): ReadonlySet<string> => {
  const revoked = new Set<string>();
  for (const pem of lists) {
    for (const [, base64 = ''] of pem.matchAll(LIST)) {
      const body = derValues(derValues(Buffer.from(base64, 'base64'))[0]?.content ?? Buffer.alloc(0))[0];
      addRevoked(revoked, derValues(body?.content ?? Buffer.alloc(0)));
    }
  }
  return revoked;
};

const LIST = /-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g;

/** Fields of a list: version?, algorithm, issuer, this update, next update?, entries?, extensions? (RFC 5280). */
const addRevoked = (revoked: Set<string>, fields: readonly DerValue[]): void => {
  const rest = fields[0]?.tag === TAG.integer ? fields.slice(1) : fields;
  const issuer = rest[1]?.whole.toString('hex');
  const entries = rest.slice(2).find((field) => field.tag === TAG.sequence);
  for (const entry of derValues(entries?.content ?? Buffer.alloc(0))) {
    const serial = derValues(entry.content)[0]?.content.toString('hex');
    revoked.add(`${issuer} ${serial}`);
  }
};
