import type { X509Certificate } from 'node:crypto';
import type { GeneratedHeaders } from '../generated-headers.ts';

/**
 * What targets are told of a client's certificates, names and values in turn. In mode `passthrough` the whole chain,
 * in mode `verify` facts of the client's own certificate (AWS documentation).
 */
export const certificateHeaders = (
  mode: 'passthrough' | 'verify',
  presented: readonly X509Certificate[],
  names: GeneratedHeaders,
): readonly string[] => {
  const [leaf] = presented;
  if (leaf === undefined) return [];
  if (mode === 'passthrough')
    return [names.nameOf(PREFIX), encodedPem(presented.map((each) => each.toString()).join(''))];
  const validity = `NotBefore=${isoTime(leaf.validFromDate)};NotAfter=${isoTime(leaf.validToDate)}`;
  return [
    ...[names.nameOf(`${PREFIX}-Serial-Number`), leaf.serialNumber],
    ...[names.nameOf(`${PREFIX}-Issuer`), rfc2253(leaf.issuer)],
    ...[names.nameOf(`${PREFIX}-Subject`), rfc2253(leaf.subject)],
    ...[names.nameOf(`${PREFIX}-Validity`), validity],
    ...[names.nameOf(`${PREFIX}-Leaf`), encodedPem(leaf.toString())],
  ];
};

const PREFIX = 'X-Amzn-Mtls-Clientcert';

/** Percent-encoded but for `+=/`, which AWS leaves as they are. */
const encodedPem = (pem: string): string =>
  encodeURIComponent(pem).replaceAll('%2B', '+').replaceAll('%3D', '=').replaceAll('%2F', '/');

const isoTime = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

/** Node gives one attribute a line, from the root down, escaped as the RFC wants; the RFC wants the reverse order. */
const rfc2253 = (name: string): string => name.split('\n').toReversed().join(',');
