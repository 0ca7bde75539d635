/** Counts the revoked certificates of PEM-encoded revocation lists (RFC 5280), reading as little DER as that takes. */

/** The number of entries of all lists in a PEM text; undefined when there is none or one cannot be read. */
export const revokedEntries = (pem: string): number | undefined => {
  const blocks = [...pem.matchAll(/-----BEGIN X509 CRL-----([\s\S]+?)-----END X509 CRL-----/g)];
  if (blocks.length === 0) return undefined;
  let sum = 0;
  for (const [, text = ''] of blocks) {
    const count = entriesOf(Buffer.from(text, 'base64'));
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
};

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** CertificateList: SEQUENCE { tbsCertList SEQUENCE { version?, signature, issuer, thisUpdate, nextUpdate?, revoked? … } … }. */
const entriesOf = (der: Buffer): number | undefined => {
  const [list] = childrenOf(der) ?? [];
  const [body] = list?.tag === SEQUENCE ? (childrenOf(list.content) ?? []) : [];
  const fields = body?.tag === SEQUENCE ? childrenOf(body.content) : undefined;
  if (fields === undefined) return undefined;
  const start = fields[0]?.tag === INTEGER ? 1 : 0;
  const isTime = (at: number): boolean =>
    fields[at]?.tag === UTC_TIME || fields[at]?.tag === GENERALIZED_TIME;
  if (!isTime(start + 2)) return undefined;
  const revoked = fields[isTime(start + 3) ? start + 4 : start + 3];
  return revoked?.tag === SEQUENCE ? childrenOf(revoked.content)?.length : 0;
};

type Element = { readonly tag: number; readonly content: Buffer };

const childrenOf = (der: Buffer): Element[] | undefined => {
  const found: Element[] = [];
  let at = 0;
  while (at < der.length) {
    const [tag = 0, first = 0] = [der[at], der[at + 1]];
    const bytes = first < 0x80 ? 0 : first & 0x7f;
    if (bytes > 4 || at + 2 + bytes > der.length) return undefined;
    const length = bytes === 0 ? first : der.readUIntBE(at + 2, bytes);
    const start = at + 2 + bytes;
    if (start + length > der.length) return undefined;
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
};
