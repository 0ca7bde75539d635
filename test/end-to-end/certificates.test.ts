/** Certificates end to end: from Secrets and from ACM itself to handshakes with the load balancer. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ACMClient, DescribeCertificateCommand, ListCertificatesCommand } from '@aws-sdk/client-acm';
import { makeCertificate, type Pem } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { handshake, type Shaken } from './handshake.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let acm: ACMClient;

before(async () => {
  world = await startWorld();
  acm = new ACMClient(world.sdk);
  await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  world.startController(['--certificate-grace', '1s']);
});
after(() => world.stop());

const PLACE = { subnets: 'subnet-1234,subnet-5678', 'security-groups': 'sg-1234' };

const shop = (annotations: Readonly<Record<string, string>>, secret?: string): string =>
  ingress({ namespace: 'web', name: 'shop', annotations: { ...PLACE, ...annotations } }).replace(
    'spec:\n',
    secret === undefined
      ? 'spec:\n'
      : `spec:\n  tls: [{ hosts: [shop.example.com], secretName: ${secret} }]\n`,
  );

const tlsSecret = (name: string, { certificate, privateKey }: Pem): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace: 'web' },
    data: {
      'tls.crt': Buffer.from(certificate).toString('base64'),
      'tls.key': Buffer.from(privateKey).toString('base64'),
    },
  });

const serialOf = ({ certificate }: Pem): string => new X509Certificate(certificate).serialNumber;

const shaken = (): Promise<Shaken | undefined> =>
  handshake(world.box.proxyUrl, 'shop.example.com').catch(() => undefined);

const shows = (what: string, pem: Pem): Promise<true> =>
  world.until(what, async () => {
    const it = await shaken();
    return it?.serial === serialOf(pem) && it.status === 200 && it.body.includes('hello-shop');
  });

const arns = async (): Promise<readonly string[]> => {
  const Includes = { keyTypes: ['RSA_2048' as const, 'EC_prime256v1' as const] };
  const { CertificateSummaryList = [] } = await acm.send(new ListCertificatesCommand({ Includes }));
  return CertificateSummaryList.map(({ CertificateArn = '' }) => CertificateArn).sort();
};

const validationRecords = (): readonly string[] =>
  [...(world.box.aws.state.zones.get('ZEX')?.records.values() ?? [])]
    .flatMap(({ Type, Name = '' }) => (/\b_[0-9a-f]{32}\./.test(Name) ? [`${Type}`] : []))
    .sort();

/** One handshake after the other, until the end. */
const requestLoop = () => {
  const seen: string[] = [];
  const failures: unknown[] = [];
  let going = true;
  const loop = async (): Promise<void> => {
    while (going) {
      await handshake(world.box.proxyUrl, 'shop.example.com').then(
        ({ serial, status }) => (status === 200 ? seen.push(serial) : failures.push(status)),
        (thrown: unknown) => failures.push(thrown),
      );
      await sleep(20);
    }
  };
  const looping = loop();
  return {
    end: async () => {
      going = false;
      await looping;
      return { seen, failures };
    },
  };
};

test('ACM is asked, validates by our record, and is then served; both go when nobody wants them', async (t) => {
  await world.kubectl(['apply', '-f', '-'], shop({ 'create-acm-cert': 'true' }));
  const pending = await world.until('an event says what it waits for', async () =>
    (await world.kubectl(['get', 'events', '-n', 'web'])).includes('CertificatePending'),
  );
  assert.ok(pending);
  const served = await world.until('HTTPS answers', async () => {
    const it = await shaken();
    return it?.status === 200 && it;
  });
  assert.equal(served.names, 'DNS:shop.example.com');
  assert.deepEqual(validationRecords(), ['CNAME', 'TXT']);
  const [CertificateArn] = await arns();
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
  assert.equal(Certificate?.Type, 'AMAZON_ISSUED');
  await world.quiet();
  const writes = world.box.aws.writes();

  await world.kubectl(['annotate', '-n', 'web', 'ingress/shop', 'touched=1']);
  await world.quiet();
  assert.equal(world.box.aws.writes(), writes, 'nothing is left to do');

  // Another host is another certificate: the first one serves until it has been issued.
  const requests = requestLoop();
  await world.kubectl(
    ['apply', '-f', '-'],
    shop({ 'create-acm-cert': 'true' }).replace('spec:\n', 'spec:\n  tls: [{ hosts: [more.example.com] }]\n'),
  );
  await world.until('both hosts are in it', async () => (await shaken())?.names.includes('more.example.com'));
  await world.until('the first one is gone', async () => (await arns()).length === 1);
  const { seen, failures } = await requests.end();
  t.diagnostic(`${seen.length} handshakes, ${failures.length} failures`);
  assert.deepEqual([failures, new Set(seen).size], [[], 2]);
  assert.deepEqual(validationRecords(), ['CNAME', 'CNAME', 'TXT', 'TXT']);

  await world.kubectl(['delete', '-n', 'web', 'ingress/shop']);
  assert.deepEqual(await arns(), []);
  assert.deepEqual(validationRecords(), []);
});

test('a Secret is imported, and a renewed one into the same ARN, without a failed handshake', async (t) => {
  const first = makeCertificate({ names: ['shop.example.com'] });
  await world.kubectl(['apply', '-f', '-'], tlsSecret('shop-tls', first));
  await world.kubectl(['apply', '-f', '-'], shop({ 'tls-secrets': 'import' }, 'shop-tls'));
  await shows('the Secret is served', first);
  const before = await arns();
  assert.equal(before.length, 1);
  await world.quiet();

  const requests = requestLoop();
  const since = world.box.aws.journal.length;
  let last = first;
  for (let renewal = 1; renewal <= 3; renewal++) {
    last = makeCertificate({ names: ['shop.example.com'] });
    await world.kubectl(['apply', '-f', '-'], tlsSecret('shop-tls', last));
    await shows(`renewal ${renewal} is served`, last);
  }
  assert.deepEqual(await arns(), before, 'the ARN is the same');
  const listenerCalls = world.calls(since).writes.filter((it) => it.includes('Listener'));
  assert.deepEqual(listenerCalls, [], 'no listener was touched');

  // Other names are another certificate: it comes before the listener, the old one goes after.
  const wider = makeCertificate({ names: ['shop.example.com', '*.shop.example.com'] });
  await world.kubectl(['apply', '-f', '-'], tlsSecret('shop-tls', wider));
  await shows('the wider one is served', wider);
  await world.until('the old one is gone', async () => {
    const now = await arns();
    return now.length === 1 && now[0] !== before[0];
  });
  const { seen, failures } = await requests.end();
  t.diagnostic(`${seen.length} handshakes, ${failures.length} failures, ${new Set(seen).size} certificates`);
  assert.deepEqual(failures, []);
  assert.equal(new Set(seen).size, 5);
});

test('a Secret that cannot be served changes nothing and is told, and so is one that is deleted', async () => {
  const served = (await shaken())?.serial;
  const before = await arns();
  const other = makeCertificate({ names: ['shop.example.com'] });
  const mismatched = { ...other, privateKey: makeCertificate({ names: ['x'] }).privateKey };
  await world.kubectl(['apply', '-f', '-'], tlsSecret('shop-tls', mismatched));
  const told = (what: RegExp): Promise<unknown> =>
    world.until(String(what), async () => what.test(await world.kubectl(['get', 'events', '-n', 'web'])));
  await told(/TlsSecretUnusable.*spec\.tls\[0\]\.secretName: Secret web\/shop-tls .*does not belong/);
  await world.kubectl(
    ['apply', '-f', '-'],
    tlsSecret('shop-tls', makeCertificate({ names: ['shop.example.com'], expired: true })),
  );
  await told(/Secret web\/shop-tls has a certificate that expired on 2020-02-01/);
  await world.kubectl(['delete', '-n', 'web', 'secret/shop-tls']);
  await told(/Secret web\/shop-tls does not exist/);
  await world.quiet();
  assert.equal((await shaken())?.serial, served);
  assert.deepEqual(await arns(), before);
});
