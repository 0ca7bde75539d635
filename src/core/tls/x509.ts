/** What has to be known of an X.509 certificate (RFC 5280) to serve it: whom it is for, how long, and its key. */
import { BIT_STRING, type Der, elements, hexOf, numberHex, OBJECT_ID, partsOf, SEQUENCE } from './der.ts';

export type X509 = {
  /** The common name first, then the alternative DNS names, each once. */
  readonly domains: readonly string[];
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** As ACM calls it; undefined: none that a load balancer can serve. */
  readonly keyAlgorithm: string | undefined;
  /** RSA: the modulus; EC: the point. As hex. */
  readonly publicKey: string;
  readonly issuer: string;
  readonly subject: string;
};

/** Object identifiers as hex of their content. */
const COMMON_NAME = '550403';
const ALTERNATIVE_NAMES = '551d11';
const RSA = '2a864886f70d010101';
const EC = '2a8648ce3d0201';
const CURVES: Readonly<Record<string, string>> = {
  '2a8648ce3d030107': 'EC_prime256v1',
  '2b81040022': 'EC_secp384r1',
  '2b81040023': 'EC_secp521r1',
};
const CONTEXT_0 = 0xa0;
const CONTEXT_3 = 0xa3;
const DNS_NAME = 0x82;
const UTC_TIME = 0x17;

/** Undefined when it cannot be read. */
export const readX509 = (der: Uint8Array): X509 | undefined => {
  const [signed] = partsOf(der);
  const parts = partsOf(signed?.whole);
  const [, , issuer, validity, subject, key, ...rest] = parts[0]?.tag === CONTEXT_0 ? parts.slice(1) : parts;
  const [notBefore, notAfter] = partsOf(validity?.whole).map(timeOf);
  if (!issuer || !subject || key?.tag !== SEQUENCE || !notBefore || !notAfter) return undefined;
  const extensions = rest.find(({ tag }) => tag === CONTEXT_3);
  const names = [commonName(subject), ...alternativeNames(extensions)].filter((name) => name !== undefined);
  return {
    domains: [...new Set(names.map((name) => name.toLowerCase()))],
    notBefore,
    notAfter,
    ...keyOf(key),
    issuer: hexOf(issuer),
    subject: hexOf(subject),
  };
};

const textOf = ({ content }: Der): string =>
  Array.from(content, (byte) => String.fromCharCode(byte)).join('');

const commonName = (subject: Der): string | undefined =>
  elements(subject.content)
    .flatMap((set) => elements(set.content))
    .flatMap((pair) => {
      const [id, value] = elements(pair.content);
      return hexOf(id) === COMMON_NAME && value ? [textOf(value)] : [];
    })
    .at(-1);

const alternativeNames = (extensions: Der | undefined): readonly string[] =>
  partsOf(extensions?.content).flatMap((extension) => {
    const [id, ...values] = elements(extension.content);
    if (hexOf(id) !== ALTERNATIVE_NAMES) return [];
    return partsOf(values.at(-1)?.content).flatMap((name) => (name.tag === DNS_NAME ? [textOf(name)] : []));
  });

/** RFC 5280, 4.1.2.5: two digits below 50 are years of this century. */
const timeOf = (time: Der): string | undefined => {
  const text = textOf(time);
  const full = time.tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
};

const keyOf = (key: Der): Pick<X509, 'keyAlgorithm' | 'publicKey'> => {
  const [algorithm, bits] = elements(key.content);
  const [id, parameters] = elements(algorithm?.content ?? new Uint8Array());
  const point = bits?.tag === BIT_STRING ? bits.content.subarray(1) : new Uint8Array();
  if (hexOf(id) === RSA) {
    const modulus = numberHex(partsOf(point)[0]);
    return { keyAlgorithm: RSA_SIZES.get(modulus.length * 4), publicKey: modulus };
  }
  const curve = hexOf(id) === EC && parameters?.tag === OBJECT_ID ? CURVES[hexOf(parameters)] : undefined;
  return { keyAlgorithm: curve, publicKey: bits ? hexOf(bits).slice(2) : '' };
};

/** By bits. */
const RSA_SIZES: ReadonlyMap<number, string> = new Map(
  [1024, 2048, 3072, 4096].map((bits) => [bits, `RSA_${bits}`]),
);
