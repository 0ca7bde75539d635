/** Reading TLS Secrets in the core, compared with what Node's own parser says of the same bytes. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Secret } from '../../src/core/kube/objects.ts';
import { millisecondsOf } from '../../src/core/model/moment.ts';
import { readTlsSecret } from '../../src/core/tls/tls-secret.ts';
import { makeCertificate, type Pem } from '../../src/sandbox/aws/acm/make-certificate.ts';

const secretOf = (certificate: string, privateKey: string): Secret => ({
  metadata: { name: 'tls', namespace: 'web' },
  data: {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(privateKey).toString('base64'),
  },
});

const wrongIn = (certificate: string, privateKey: string, asOf?: number): string => {
  const read = readTlsSecret(secretOf(certificate, privateKey), asOf);
  return 'wrong' in read ? read.wrong : '';
};

const NAMES = ['shop.example.com', '*.example.com', 'xn--bcher-kva.example.com'];
const rsa = makeCertificate({ names: NAMES, rsaBits: 2048 });
const ec = makeCertificate({ names: NAMES });
const other = makeCertificate({ names: ['other.example.com'] });

const forms = (pem: Pem, types: readonly ('pkcs1' | 'pkcs8' | 'sec1')[]): readonly string[] =>
  types.map((type) =>
    createPrivateKey(pem.privateKey)
      .export({ type, format: 'pem' } as never)
      .toString(),
  );

test('names, end, and kind of key are what Node reads, whatever form the key has', () => {
  for (const [pem, algorithm, keys] of [
    [rsa, 'RSA_2048', forms(rsa, ['pkcs1', 'pkcs8'])],
    [ec, 'EC_prime256v1', forms(ec, ['sec1', 'pkcs8'])],
  ] as const)
    for (const key of keys) {
      const read = readTlsSecret(secretOf(pem.certificate, key), Date.now());
      assert.ok(!('wrong' in read), JSON.stringify(read));
      assert.deepEqual([read.domains, read.keyAlgorithm], [NAMES, algorithm]);
      const { validTo } = new X509Certificate(pem.certificate);
      assert.equal(millisecondsOf(read.notAfter), new Date(validTo).getTime());
    }
});

test('what ACM would refuse is named', () => {
  const expired = makeCertificate({ names: NAMES, expired: true });
  const early = makeCertificate({ names: NAMES, early: true });
  const small = makeCertificate({ names: NAMES, rsaBits: 512 });
  const locked = createPrivateKey(ec.privateKey).export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  } as never);
  assert.match(wrongIn('', ec.privateKey), /^has no tls\.crt$/);
  assert.match(wrongIn('x', ec.privateKey), /no certificate in tls\.crt that can be read/);
  assert.match(wrongIn(ec.certificate, 'x'), /no private key in tls\.key/);
  assert.match(wrongIn(ec.certificate, String(locked)), /encrypted private key/);
  assert.match(wrongIn(ec.certificate, other.privateKey), /does not belong to the certificate/);
  assert.match(wrongIn(rsa.certificate, ec.privateKey), /does not belong to the certificate/);
  assert.match(wrongIn(small.certificate, small.privateKey), /load balancers do not serve/);
  assert.match(wrongIn(expired.certificate, expired.privateKey, Date.now()), /expired on 2020-02-01/);
  assert.match(wrongIn(early.certificate, early.privateKey, Date.now()), /not valid before 2110-01-01/);
});

test('a chain is in order', () => {
  const root = makeCertificate({ names: ['root'] });
  const middle = makeCertificate({ names: ['middle'], issuer: { name: 'root', key: root.key } });
  const leaf = makeCertificate({ names: NAMES, issuer: { name: 'middle', key: middle.key } });
  const read = readTlsSecret(
    secretOf(leaf.certificate + middle.certificate + root.certificate, leaf.privateKey),
    undefined,
  );
  assert.ok(!('wrong' in read));
  assert.deepEqual([read.certificate, read.chain], [leaf.certificate, middle.certificate + root.certificate]);
  assert.match(
    wrongIn(leaf.certificate + root.certificate + middle.certificate, leaf.privateKey),
    /certificate 2 did not issue the one before it/,
  );
});

test('the digest is that of the certificates, not of how they are written, nor of the key', () => {
  const contentOf = (certificate: string, key: string): string => {
    const read = readTlsSecret(secretOf(certificate, key), undefined);
    return 'wrong' in read ? read.wrong : read.content;
  };
  const [pkcs8 = '', sec1 = ''] = forms(ec, ['pkcs8', 'sec1']);
  const plain = contentOf(ec.certificate, pkcs8);
  assert.equal(contentOf(`# made by hand\n${ec.certificate.replaceAll('\n', '\r\n')}`, sec1), plain);
  assert.notEqual(contentOf(makeCertificate({ names: NAMES }).certificate, 'x'), plain);
});

test('broken bytes are an answer, never an exception', () => {
  const der = new X509Certificate(ec.certificate).raw;
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, length) => {
      const broken = Buffer.from(der.subarray(0, Math.max(length, at)));
      broken[at] = byte;
      const pem = `-----BEGIN CERTIFICATE-----\n${broken.toString('base64')}\n-----END CERTIFICATE-----\n`;
      readTlsSecret(secretOf(pem, ec.privateKey), 0);
    }),
    { numRuns: 1000 },
  );
});

test('as much as a Secret can hold is an answer, too, and not after minutes', () => {
  const long = makeCertificate({ names: ['x'.repeat(300_000)] });
  const read = readTlsSecret(secretOf(long.certificate, long.privateKey), undefined);
  assert.ok(!('wrong' in read), 'a name as long as that is no reason to throw');
  const open = '-----BEGIN CERTIFICATE-----\n'.repeat(25_000);
  assert.match(wrongIn(open, ec.privateKey), /no certificate in tls\.crt/);
  assert.equal(
    wrongIn(open.slice(0, 99) + ec.certificate, ec.privateKey),
    '',
    'lines before it are no matter',
  );
  const locked = `-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----`;
  assert.match(wrongIn(ec.certificate, locked), /private key in tls\.key that cannot be read/);
});

test('moments by arithmetic are those of the calendar', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1970-01-01'), max: new Date('2400-01-01'), noInvalidDate: true }),
      (date) => {
        const text = `${date.toISOString().slice(0, 19)}.000Z`;
        assert.equal(millisecondsOf(text), new Date(text).getTime());
      },
    ),
  );
  assert.ok(Number.isNaN(millisecondsOf('tomorrow')));
});
