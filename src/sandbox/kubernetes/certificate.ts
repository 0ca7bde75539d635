import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Certificate = { readonly certificate: string; readonly key: string };

/** A certificate authority and a server certificate for the loopback address it signs, both PEM, both P-256. */
export type ServerIdentity = { readonly authority: string; readonly server: Certificate };

/** Made afresh in a few milliseconds; `addresses` are IPv4 addresses, `names` DNS names. */
export const createServerIdentity = (
  addresses: readonly string[],
  names: readonly string[],
): ServerIdentity => {
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authorityName = 'alb-ingress sandbox CA';
  const authority = certify({
    subject: authorityName,
    issuer: authorityName,
    publicKey: authorityKeys.publicKey,
    signer: authorityKeys.privateKey,
    extensions: [
      extension(OID.basicConstraints, true, sequence(boolean(true))),
      extension(OID.keyUsage, true, bits(0x06, 1)),
    ],
  });
  const alternatives = sequence(
    ...names.map((name) => tagged(0x82, Buffer.from(name))),
    ...addresses.map((one) => tagged(0x87, Buffer.from(one.split('.').map(Number)))),
  );
  const certificate = certify({
    subject: names[0] ?? addresses[0] ?? 'localhost',
    issuer: authorityName,
    publicKey: serverKeys.publicKey,
    signer: authorityKeys.privateKey,
    extensions: [
      extension(OID.keyUsage, true, bits(0x80, 7)),
      extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
      extension(OID.alternativeNames, false, alternatives),
    ],
  });
  const key = serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { authority, server: { certificate, key } };
};

type Request = {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
};

const DAY = 86_400_000;
/** Ten years: a sandbox kept in a directory must not stop working. */
const VALID_FOR = 3650 * DAY;

const certify = ({ subject, issuer, publicKey, signer, extensions }: Request): string => {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const now = Date.now();
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(issuer),
    sequence(time(now - DAY), time(now + VALID_FOR)),
    name(subject),
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
      type: 'spki',
      format: 'der',
    }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, signer);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};

const OID = {
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  alternativeNames: '2.5.29.17',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
};

const tagged = (tag: number, content: Buffer): Buffer => {
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 255 : 0]));
const bits = (value: number, unused: number): Buffer => tagged(0x03, Buffer.from([unused, value]));

const oid = (text: string): Buffer => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
};

const name = (common: string): Buffer =>
  sequence(tagged(0x31, sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(common)))));

/** UTCTime, which X.509 demands for dates before 2050; the two-digit year ends there. */
const time = (milliseconds: number): Buffer =>
  tagged(0x17, Buffer.from(`${new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), tagged(0x04, value));
