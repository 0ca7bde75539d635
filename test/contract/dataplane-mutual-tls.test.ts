import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import { connect as connectNet, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredLoadBalancer, StoredTrustStore } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE, HTTPS, SHOP_CERTIFICATE } from './dataplane-certificates.ts';
import {
  BRANCH,
  CLIENT,
  type ClientIdentity,
  EXPIRED,
  IMPOSTOR,
  INTERMEDIATE,
  OTHER_ROOT,
  REVOCATION_LIST,
  REVOKED,
  ROOT,
  STRANGER,
  VERSION_ONE,
} from './dataplane-client-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { collect, eventually, forwardTo, listening, whereIs } from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE, SHOP_CERTIFICATE] });

const trustStore = (bundle: string, lists: readonly string[] = []): StoredTrustStore => {
  const arn = `arn:aws:elasticloadbalancing:eu-central-1:000000000000:truststore/t/${world.state.trustStores.size}`;
  const revocations = new Map(lists.map((crl, id) => [String(id), { id, entries: 1, crl }]));
  const store: StoredTrustStore = { TrustStoreArn: arn, Name: 't', bundle, revocations };
  world.state.trustStores.set(arn, store);
  return store;
};

const site = async (
  mutual: MutualAuthenticationAttributes,
  attributes: Record<string, string> = {},
): Promise<StoredLoadBalancer> => {
  const port = await world.backend((request, response) => response.end(JSON.stringify(request.headers)));
  const loadBalancer = world.loadBalancer();
  world.listener(loadBalancer, [forwardTo(world.group([port]))], {
    ...HTTPS,
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    extraCertificates: [SHOP_CERTIFICATE.arn],
    MutualAuthentication: mutual,
    attributes,
  });
  await world.changed();
  return loadBalancer;
};

/** The headers a target saw; a text when the connection failed. */
const seen = (
  loadBalancer: StoredLoadBalancer,
  identity: Partial<ClientIdentity> = {},
  more: { servername?: string; maxVersion?: 'TLSv1.2'; headers?: Record<string, string> } = {},
): Promise<Record<string, string> | string> =>
  new Promise((resolve) => {
    const sent = requestHttps({
      ...whereIs(world, loadBalancer),
      rejectUnauthorized: false,
      agent: false,
      ...identity,
      ...more,
    });
    sent.on('response', (response) => collect(response).then(({ body }) => resolve(JSON.parse(body))));
    sent.on('error', (error) => resolve(error.message));
    sent.end();
  });

const admitted = async (...args: Parameters<typeof seen>): Promise<Record<string, string>> => {
  const result = await seen(...args);
  return typeof result === 'string' ? assert.fail(`refused: ${result}; ${world.log.at(-1)}`) : result;
};

const refused = async (why: RegExp, ...args: Parameters<typeof seen>): Promise<void> => {
  assert.equal(typeof (await seen(...args)), 'string', 'the connection should have ended');
  await eventually('the reason is logged', () => why.test(world.log.at(-1) ?? ''));
};

const chain = (identity: ClientIdentity, ...more: readonly string[]): ClientIdentity => ({
  key: identity.key,
  cert: [identity.cert, ...more].join('\n'),
});

describe('mutual TLS off', () => {
  test('clients are not asked, and a certificate tells the target nothing', async () => {
    const headers = await admitted(await site({ Mode: 'off' }), CLIENT);
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.includes('mtls')),
      [],
    );
  });
});

describe('mutual TLS passthrough', () => {
  test('the whole chain in one header, percent-encoded but for +=/', async () => {
    const headers = await admitted(await site({ Mode: 'passthrough' }), chain(BRANCH, INTERMEDIATE));
    const text = headers['x-amzn-mtls-clientcert'] ?? '';
    assert.match(text, /^-----BEGIN%20CERTIFICATE-----%0A[\w%+=/-]+$/);
    assert.doesNotMatch(text, /%2B|%3D|%2F/);
    const subjects = decodeURIComponent(text)
      .match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g)
      ?.map((pem) => new X509Certificate(pem).subject);
    assert.deepEqual(subjects, ['CN=branch', 'CN=Test Intermediate']);
  });

  test('no certificate, no header; any certificate passes', async () => {
    const loadBalancer = await site({ Mode: 'passthrough' });
    assert.equal((await admitted(loadBalancer))['x-amzn-mtls-clientcert'], undefined);
    for (const each of [STRANGER, EXPIRED]) {
      assert.ok((await admitted(loadBalancer, each))['x-amzn-mtls-clientcert']);
    }
  });

  test('a client cannot send the header itself', async () => {
    const headers = { 'X-Amzn-Mtls-Clientcert': 'forged', 'x-amzn-mtls-clientcert-subject': 'CN=admin' };
    const got = await admitted(await site({ Mode: 'passthrough' }), {}, { headers });
    assert.deepEqual(
      [got['x-amzn-mtls-clientcert'], got['x-amzn-mtls-clientcert-subject']],
      [undefined, undefined],
    );
  });
});

describe('mutual TLS verify', () => {
  const verify = (store: StoredTrustStore, more: MutualAuthenticationAttributes = {}) =>
    site({ Mode: 'verify', TrustStoreArn: store.TrustStoreArn, ...more });

  test('facts of the certificate in five headers', async () => {
    const headers = await admitted(await verify(trustStore(ROOT)), CLIENT);
    const names = Object.keys(headers).filter((name) => name.includes('mtls'));
    assert.equal(names.length, 5);
    assert.equal(headers['x-amzn-mtls-clientcert-serial-number'], '03A5B1');
    assert.equal(headers['x-amzn-mtls-clientcert-issuer'], 'CN=Test Root,O=Example\\, Inc,C=DE');
    assert.equal(headers['x-amzn-mtls-clientcert-subject'], 'CN=client,OU=Till,O=Shop\\, Ltd');
    const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
    const validity = new RegExp(`^NotBefore=${time};NotAfter=${time}$`);
    assert.match(headers['x-amzn-mtls-clientcert-validity'] ?? '', validity);
    assert.equal(decodeURIComponent(headers['x-amzn-mtls-clientcert-leaf'] ?? ''), CLIENT.cert);
  });

  test('over HTTP/2 and TLS 1.2, with any server name', async () => {
    const loadBalancer = await verify(trustStore(ROOT));
    const more = { maxVersion: 'TLSv1.2', servername: 'shop.example.com' } as const;
    assert.ok((await admitted(loadBalancer, CLIENT, more))['x-amzn-mtls-clientcert-subject']);
    const { host, port } = whereIs(world, loadBalancer);
    const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false, ...CLIENT });
    const stream = session.request({ ':path': '/' });
    let body = '';
    for await (const piece of stream) body += String(piece);
    session.destroy();
    assert.equal(JSON.parse(body)['x-amzn-mtls-clientcert-serial-number'], '03A5B1');
  });

  test('intermediates come from the client or from the trust store', async () => {
    assert.ok(await admitted(await verify(trustStore(ROOT)), chain(BRANCH, INTERMEDIATE)));
    assert.ok(await admitted(await verify(trustStore(`${ROOT}${INTERMEDIATE}`)), BRANCH));
    await refused(/issuer of 'CN=branch', is not in the trust store/, await verify(trustStore(ROOT)), BRANCH);
  });

  test('without certificate, from another authority, or of version 1: the connection ends', async () => {
    const loadBalancer = await verify(trustStore(ROOT));
    await refused(/the client sent no certificate/, loadBalancer);
    await refused(/'CN=Other Root', the issuer of 'CN=stranger'/, loadBalancer, STRANGER);
    await refused(/not in the trust store/, loadBalancer, chain(STRANGER, OTHER_ROOT));
    await refused(/not in the trust store/, loadBalancer, chain(STRANGER, ROOT));
    await refused(/issuer of 'CN=impostor', is not in the trust store/, loadBalancer, IMPOSTOR);
    await refused(/version 1 certificate/, loadBalancer, VERSION_ONE);
    await refused(/no certificate/, loadBalancer, {}, { maxVersion: 'TLSv1.2' });
  });

  test('expired certificates, unless the listener ignores expiry', async () => {
    const store = trustStore(ROOT);
    await refused(/'CN=expired' has expired/, await verify(store), EXPIRED);
    const lenient = await verify(store, { IgnoreClientCertificateExpiry: true });
    assert.ok(await admitted(lenient, EXPIRED));
    await refused(/not in the trust store/, lenient, STRANGER);
  });

  test('revoked certificates, from the moment the list is added', async () => {
    const store = trustStore(ROOT);
    const loadBalancer = await verify(store);
    assert.ok(await admitted(loadBalancer, REVOKED));
    store.revocations.set('1', { id: 1, entries: 1, crl: REVOCATION_LIST });
    await world.changed();
    await refused(/'CN=revoked' is revoked/, loadBalancer, REVOKED);
    assert.ok(await admitted(loadBalancer, CLIENT));
  });

  test('a new bundle, and a mode switched on, hold for the next connection', async () => {
    const store = trustStore(OTHER_ROOT);
    const loadBalancer = await verify(store);
    await refused(/not in the trust store/, loadBalancer, CLIENT);
    store.bundle = ROOT;
    await world.changed();
    assert.ok(await admitted(loadBalancer, CLIENT));
    const open = await site({ Mode: 'off' });
    const listener = [...world.state.listeners.values()].find(
      (each) => each.LoadBalancerArn === open.LoadBalancerArn,
    );
    if (listener === undefined) assert.fail('the listener exists');
    listener.MutualAuthentication = { Mode: 'verify', TrustStoreArn: store.TrustStoreArn };
    await world.changed();
    await refused(/no certificate/, open);
    assert.ok(await admitted(open, CLIENT));
  });

  test('a resumed session is none: the chain is asked for every time', async () => {
    const loadBalancer = await verify(trustStore(ROOT));
    const sessions: Buffer[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const [session] = sessions;
      const socket = connectTls({
        ...whereIs(world, loadBalancer),
        rejectUnauthorized: false,
        ...chain(BRANCH, INTERMEDIATE),
        ...(session === undefined ? {} : { session }),
      });
      let reused: boolean | undefined;
      socket.on('session', (each) => sessions.push(each));
      socket.on('secureConnect', () => {
        reused = socket.isSessionReused();
      });
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      let text = '';
      for await (const piece of socket) text += String(piece);
      assert.match(text, /^HTTP\/1\.1 200 .*"x-amzn-mtls-clientcert-subject":"CN=branch"/s);
      assert.equal(reused, false);
    }
  });

  test('a trust store that is missing or cannot be read lets nobody in', async () => {
    await refused(
      /trust store 'nope' does not exist/,
      await site({ Mode: 'verify', TrustStoreArn: 'nope' }),
      CLIENT,
    );
    await refused(/has no certificates/, await verify(trustStore('nothing')), CLIENT);
    await refused(/mode 'strict' is not one AWS has/, await site({ Mode: 'strict' }), CLIENT);
  });

  test('names of authorities are advertised only when asked for', async () => {
    const store = trustStore(ROOT);
    for (const [advertise, expected] of [
      ['on', true],
      ['off', false],
    ] as const) {
      const loadBalancer = await verify(store, { AdvertiseTrustStoreCaNames: advertise });
      // The server's side of a TLS 1.2 handshake is readable on the wire.
      for (const servername of ['default.example.com', 'shop.example.com']) {
        const bytes = await handshakeBytes(loadBalancer, servername);
        assert.equal(bytes.includes('Test Root'), expected, `${advertise} ${servername}`);
      }
    }
  });
});

/** What a load balancer sends during a handshake, recorded in between. */
const handshakeBytes = async (loadBalancer: StoredLoadBalancer, servername: string): Promise<Buffer> => {
  const where = whereIs(world, loadBalancer);
  const pieces: Buffer[] = [];
  const between = createServer((client) => {
    const server = connectNet(where.port, where.host);
    server.on('data', (piece) => pieces.push(piece));
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  const port = await listening(between);
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
    servername,
    ...CLIENT,
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  between.close();
  return Buffer.concat(pieces);
};

describe('renamed headers', () => {
  test('TLS and certificate headers take the names of the listener, which clients may not use', async () => {
    const store = trustStore(ROOT);
    const loadBalancer = await site(
      { Mode: 'verify', TrustStoreArn: store.TrustStoreArn },
      {
        'routing.http.request.x_amzn_mtls_clientcert_subject.header_name': 'X-Client',
        'routing.http.request.x_amzn_tls_version.header_name': 'X-Tls',
      },
    );
    loadBalancer.attributes['routing.http.x_amzn_tls_version_and_cipher_suite.enabled'] = 'true';
    await world.changed();
    const headers = await admitted(loadBalancer, CLIENT, { headers: { 'x-client': 'CN=admin' } });
    assert.equal(headers['x-client'], 'CN=client,OU=Till,O=Shop\\, Ltd');
    assert.equal(headers['x-tls'], 'TLSv1.3');
    assert.match(headers['x-amzn-tls-cipher-suite'] ?? '', /^TLS_/);
    assert.deepEqual(
      [headers['x-amzn-mtls-clientcert-subject'], headers['x-amzn-tls-version']],
      [undefined, undefined],
    );
  });
});
