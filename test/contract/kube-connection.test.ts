/** The connection: few sockets, credentials that rotate, TLS, clear refusals, and nothing left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Ingress } from '../../src/core/kube/objects.ts';
import type { CallRecord } from '../../src/kubernetes/transport.ts';
import { CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from './kube-certificates.ts';
import { connect, connectAndStart, ingress, stopAll, until, WATCHES } from './kube-harness.ts';
import { type Peer, startPeer, writeKubeconfig } from './kube-peer.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('connection', () => {
  let peer: Peer;

  beforeEach(async () => {
    peer = await startPeer();
  });

  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const authorizations = () => [...new Set(peer.asked.map(({ headers }) => headers.authorization))];

  it('sends hundreds of requests over a handful of sockets', async () => {
    for (let n = 0; n < 200; n += 1) peer.put('ingresses', ingress(`i${n}`, {}, { uid: `u${n}` }));
    const calls: CallRecord[] = [];
    const { kube } = await connectAndStart(peer, { onCall: (call) => calls.push(call) });
    const all = [...kube.snapshot().ingresses.values()];
    await Promise.all(all.map((each) => kube.setFinalizer(each, 'a/b', true)));
    await Promise.all(all.map((each) => kube.setStatus(each, [{ hostname: 'h', ports: [] }])));
    await Promise.all(
      all.map((each) => kube.notify({ ingress: each, type: 'Normal', reason: 'Ready', message: 'm' })),
    );
    await kube.stop();
    assert.ok(peer.asked.length >= 610, `${peer.asked.length} requests`);
    assert.ok(peer.connections() <= WATCHES + 6, `${peer.connections()} connections`);
    assert.equal(calls.length, peer.asked.length);
    assert.deepEqual(
      [...new Set(calls.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`))]
        .filter((c) => /ingresses|events/.test(c))
        .sort(),
      ['create events 200', 'list ingresses 200', 'patch ingresses 200', 'watch ingresses 200'],
    );
  });

  it('authenticates each request and names itself', async () => {
    const { kube } = await connectAndStart(peer);
    await kube.stop();
    assert.deepEqual(authorizations(), ['Bearer secret']);
    assert.equal(peer.asked[0]?.headers['user-agent'], 'alb-test');
  });

  it('reads the configuration again when its token is refused', async () => {
    const tokenFile = join(peer.dir, 'token');
    writeFileSync(tokenFile, 'old');
    const user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
    const kubeconfig = writeKubeconfig(peer.dir, { server: peer.server }, user, 'token-file');
    const { kube } = await connectAndStart({ kubeconfig });
    assert.deepEqual(authorizations(), ['Bearer old']);
    peer.script = ({ headers }) => (headers.authorization === 'Bearer new' ? undefined : { status: 401 });
    writeFileSync(tokenFile, 'new\n');
    await kube.notify({ ingress: INGRESS, type: 'Normal', reason: 'Ready', message: 'm' });
    assert.equal(peer.all('events').length, 1);
  });

  it('reads the tokenFile of a kubeconfig as kubectl does, before a token beside it', async () => {
    writeFileSync(join(peer.dir, 'of-the-pod'), 'fresh\n');
    for (const [name, user, token] of [
      ['relative', { tokenFile: 'of-the-pod' }, 'fresh'],
      ['absolute', { tokenFile: join(peer.dir, 'of-the-pod'), token: 'stale' }, 'fresh'],
      ['without', { token: 'plain' }, 'plain'],
    ] as const) {
      peer.asked.length = 0;
      const kubeconfig = writeKubeconfig(peer.dir, { server: peer.server }, user, name);
      const { kube } = await connectAndStart({ kubeconfig });
      await kube.stop();
      assert.deepEqual(authorizations(), [`Bearer ${token}`]);
    }
  });

  it('takes its token from an exec plugin, run once for all requests at once', async () => {
    const script = join(peer.dir, 'plugin.mjs');
    const runs = join(peer.dir, 'runs');
    writeFileSync(
      script,
      `import { appendFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(runs)}, 'x');
       const status = { token: process.env.WISH, expirationTimestamp: new Date(Date.now() + 60000).toISOString() };
       console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }));`,
    );
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [script],
      env: [{ name: 'WISH', value: 'from-plugin' }],
    };
    const { kube } = await connectAndStart({
      kubeconfig: writeKubeconfig(peer.dir, { server: peer.server }, { exec }, 'exec'),
    });
    await kube.stop();
    assert.deepEqual(authorizations(), ['Bearer from-plugin']);
    assert.equal(readFileSync(runs, 'utf8'), 'x');
  });

  it('tells when credentials cannot be had', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(peer.dir, 'no-such-plugin') };
    const kubeconfig = writeKubeconfig(peer.dir, { server: peer.server }, { exec }, 'exec');
    const { kube, logs } = connect({ kubeconfig });
    const started = assert.rejects(kube.start(() => {}));
    await until('the complaint', () =>
      logs.some(({ fields }) => /no-such-plugin ENOENT/.test(String(fields.error))),
    );
    await kube.stop();
    await started;
  });

  it('checks the server against the CA and shows a client certificate', async () => {
    const secure = await startPeer({
      cert: SERVER_CERT,
      key: SERVER_KEY,
      ca: CLIENT_CERT,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const user = { 'client-certificate-data': base64(CLIENT_CERT), 'client-key-data': base64(CLIENT_KEY) };
    const trusted = { server: secure.server, 'certificate-authority-data': base64(SERVER_CERT) };
    secure.put('ingresses', ingress('a'));
    const good = await connectAndStart({ kubeconfig: writeKubeconfig(secure.dir, trusted, user, 'good') });
    assert.equal(good.kube.snapshot().ingresses.size, 1);
    for (let n = 0; n < 30; n += 1) {
      await good.kube.notify({
        ingress: { metadata: { ...INGRESS.metadata, name: `i${n}` } },
        type: 'Normal',
        reason: 'R',
        message: 'm',
      });
    }
    await good.kube.stop();
    assert.ok(secure.connections() <= 11, `${secure.connections()} connections`);

    const bad = connect({ kubeconfig: writeKubeconfig(secure.dir, { server: secure.server }, user, 'bad') });
    const started = assert.rejects(bad.kube.start(() => {}));
    await until('the complaint', () =>
      bad.logs.some(({ fields }) => /self-signed certificate/.test(String(fields.error))),
    );
    await bad.kube.stop();
    await started;
    await secure.close();
  });

  it('names the server that does not answer', async () => {
    const { kube, logs } = connect({
      kubeconfig: writeKubeconfig(peer.dir, { server: 'http://127.0.0.1:1' }, {}, 'nobody'),
    });
    const started = assert.rejects(kube.start(() => {}));
    await until('the complaint', () => logs.length > 0);
    assert.match(String(logs[0]?.fields.error), /^list \/.*: connect ECONNREFUSED 127\.0\.0\.1:1$/);
    await kube.stop();
    await started;
  });

  it('gives up after as many tries as it was given, and says why', async () => {
    const { kube } = connect(
      { kubeconfig: writeKubeconfig(peer.dir, { server: 'http://127.0.0.1:1' }, {}, 'nobody') },
      { firstTries: 3 },
    );
    await assert.rejects(
      kube.start(() => {}),
      /^Error: cannot reach the cluster: list \/.*: connect ECONNREFUSED 127\.0\.0\.1:1$/,
    );
    await kube.stop();
  });

  it('refuses a kubeconfig that leads nowhere, naming file and field', () => {
    const path = join(peer.dir, 'broken');
    writeFileSync(path, JSON.stringify({ 'current-context': 'x', clusters: [], users: [], contexts: [] }));
    assert.throws(
      () => connect({ kubeconfig: path }),
      /kubeconfig .*broken: current-context "x" names no cluster/,
    );
    assert.throws(
      () => connect({ kubeconfig: join(peer.dir, 'missing') }),
      /^Error: kubeconfig .*missing: ENOENT/,
    );
  });

  it('leaves nothing that keeps a process alive', async () => {
    const harness = new URL('./kube-harness.ts', import.meta.url).href;
    const script = `
      const { connectAndStart } = await import(${JSON.stringify(harness)});
      const { kube } = await connectAndStart({ kubeconfig: ${JSON.stringify(peer.kubeconfig)} });
      await kube.notify({ ingress: ${JSON.stringify(INGRESS)}, type: 'Normal', reason: 'R', message: 'm' });
      await kube.stop();
      process.stdout.write('stopped');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([code, said], [0, 'stopped']);
  });
});

const INGRESS: Ingress = { metadata: { namespace: 'shop', name: 'web', uid: 'u1' } };
