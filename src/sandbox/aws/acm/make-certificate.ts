/** Makes X.509 certificates of any names and keys: the few DER structures that they need, by hand. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Pem = { readonly certificate: string; readonly privateKey: string; readonly key: KeyObject };

type Wish = {
  readonly names: readonly string[];
  readonly rsaBits?: number;
  readonly issuer?: { readonly name: string; readonly key: KeyObject };
  readonly expired?: boolean;
  /** Not valid for a long time yet. */
  readonly early?: boolean;
  /** Whether it says that it is for servers (extended key usage). */
  readonly forServers?: boolean;
};

/** A certificate for DNS names, self-signed unless an issuer is given; with an EC P-256 key unless RSA bits are given. */
export const makeCertificate = ({ names, rsaBits, issuer, expired, early, forServers }: Wish): Pem => {
  const { privateKey } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const signer = issuer?.key ?? privateKey;
  const algorithm = signer.asymmetricKeyType === 'rsa' ? RSA_SHA256 : ECDSA_SHA256;
  const [from, to] =
    expired === true
      ? ['20200101000000Z', '20200201000000Z']
      : [early === true ? '21100101000000Z' : '20200101000000Z', '21200101000000Z'];
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    nameOf(issuer?.name ?? names[0] ?? ''),
    sequence(der(0x18, Buffer.from(from)), der(0x18, Buffer.from(to))),
    nameOf(names[0] ?? ''),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(oid([2, 5, 29, 17]), der(4, sequence(...names.map((name) => der(0x82, Buffer.from(name)))))),
        ...(forServers === true
          ? [sequence(oid([2, 5, 29, 37]), der(4, sequence(SERVER_AUTHENTICATION)))]
          : []),
      ),
    ),
  );
  const signature = sign('sha256', body, signer);
  const certificate = sequence(body, algorithm, der(3, Buffer.concat([Buffer.from([0]), signature])));
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${(certificate.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    key: privateKey,
  };
};

const der = (tag: number, content: Buffer): Buffer => {
  const { length } = content;
  const digits = [length >> 16, (length >> 8) & 255, length & 255].filter(
    (_, place) => length >> (8 * (2 - place)) > 0,
  );
  const size = length < 128 ? [length] : [0x80 + digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const integer = (bytes: Buffer): Buffer => der(2, bytes);

const oid = ([first = 0, second = 0, ...rest]: readonly number[]): Buffer => {
  const base128 = (value: number): number[] =>
    value < 128 ? [value] : [...base128(value >> 7).map((b) => b | 128), value & 127];
  return der(6, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
};

const ECDSA_SHA256 = sequence(oid([1, 2, 840, 10045, 4, 3, 2]));
const RSA_SHA256 = sequence(oid([1, 2, 840, 113549, 1, 1, 11]), der(5, Buffer.alloc(0)));
const SERVER_AUTHENTICATION = oid([1, 3, 6, 1, 5, 5, 7, 3, 1]);
const nameOf = (common: string): Buffer =>
  sequence(der(0x31, sequence(oid([2, 5, 4, 3]), der(0x0c, Buffer.from(common)))));
