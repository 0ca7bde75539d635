import type { X509Certificate } from 'node:crypto';
import { certificateId } from './revocation-list.ts';
import type { TrustAnchors } from './trust-anchors.ts';

/** Longest chain from a client's certificate to an authority of the trust store (AWS quota). */
const LONGEST_CHAIN = 4;

/**
 * Why a client's certificates (its own first, then what it sent along) are refused; undefined when they lead to an
 * authority of the trust store. Real time counts: certificates are made for it.
 */
export const refusalOf = (
  presented: readonly X509Certificate[],
  anchors: TrustAnchors,
  ignoreExpiry: boolean,
  now = Date.now(),
): string | undefined => {
  const [leaf, ...others] = presented;
  if (leaf === undefined) return 'the client sent no certificate';
  let current = leaf;
  for (let depth = 0; depth < LONGEST_CHAIN; depth++) {
    const bad = badCertificate(current, anchors, ignoreExpiry, now);
    if (bad !== undefined) return bad;
    const anchor = anchors.authorities.find((each) => issued(each, current));
    if (anchor !== undefined) return badTimes(anchor, ignoreExpiry, now);
    const next = others.find((each) => each.ca && each !== current && issued(each, current));
    if (next === undefined)
      return `'${oneLine(current.issuer)}', the issuer of '${oneLine(current.subject)}', is not in the trust store`;
    current = next;
  }
  return `no authority of the trust store within ${LONGEST_CHAIN} certificates`;
};

const issued = (authority: X509Certificate, certificate: X509Certificate): boolean =>
  certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

const badCertificate = (
  certificate: X509Certificate,
  anchors: TrustAnchors,
  ignoreExpiry: boolean,
  now: number,
): string | undefined => {
  const { version, issuer, serial } = certificateId(certificate.raw);
  if (version !== 3)
    return `'${oneLine(certificate.subject)}' is a version ${version} certificate, not version 3`;
  if (anchors.revoked.has(`${issuer} ${serial}`)) return `'${oneLine(certificate.subject)}' is revoked`;
  return badTimes(certificate, ignoreExpiry, now);
};

const badTimes = (certificate: X509Certificate, ignoreExpiry: boolean, now: number): string | undefined => {
  if (certificate.validFromDate.getTime() > now) return `'${oneLine(certificate.subject)}' is not valid yet`;
  if (!ignoreExpiry && certificate.validToDate.getTime() < now)
    return `'${oneLine(certificate.subject)}' has expired`;
  return undefined;
};

const oneLine = (name: string): string => name.replaceAll('\n', ', ');
