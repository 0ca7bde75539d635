import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { get } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cannotRun, kubectl } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

describe('kubectl and what Pods do', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.81');
  });
  after(() => cluster.stop());

  const pod = (name: string, image: string, more: object = {}): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 8080 }], ...more }] },
    });
  const run = async (name: string, image: string, more: object = {}): Promise<string> => {
    await cluster.kubectl('create -f -', pod(name, image, more));
    await cluster.kubectl(`wait --for=condition=Ready pod/${name} --timeout=20s`);
    return cluster.kubectl(`get pod ${name} -o jsonpath='{.status.podIP}'`);
  };
  const until = async (what: string, expected: RegExp): Promise<string> => {
    let text = '';
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
      text = await cluster.kubectl(what);
      if (expected.test(text)) return text;
    }
    assert.fail(`kubectl ${what} never said ${expected}: ${text}`);
  };
  const events = (name: string, expected: RegExp): Promise<string> => until(`events --for ${name}`, expected);

  test('a TLS Pod answers HTTPS with a certificate of its own, which an HTTPS probe accepts', async () => {
    const readinessProbe = { httpGet: { path: '/', port: 8080, scheme: 'HTTPS' }, periodSeconds: 1 };
    const ip = await run('secure', 'echo-tls:1', { readinessProbe });
    const body = await new Promise<string>((resolve, reject) => {
      get(`https://${ip}:8080/hello`, { rejectUnauthorized: false, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(text));
      }).on('error', reject);
    });
    assert.match(body, /"path": "\/hello"/);
    assert.match(await cluster.kubectl('logs secure'), /"GET \/hello" 200/);
    await cluster.kubectl('delete pod secure --grace-period=1');
  });

  test('a gRPC Pod echoes, speaks the health protocol and passes a gRPC probe', async () => {
    const ip = await run('calls', 'grpc-echo:1', {
      readinessProbe: { grpc: { port: 8080 }, periodSeconds: 1 },
    });
    const session = connect(`http://${ip}:8080`);
    const call = (path: string, body: Buffer): Promise<{ status: string; body: Buffer }> =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
        });
        const chunks: Buffer[] = [];
        let status = '';
        stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        for (const event of ['response', 'trailers'] as const)
          stream.on(event, (headers: Readonly<Record<string, unknown>>) => {
            status = String(headers['grpc-status'] ?? status);
          });
        stream.on('end', () => resolve({ status, body: Buffer.concat(chunks) }));
        stream.end(body);
      });
    const message = Buffer.from([0, 0, 0, 0, 2, 8, 42]);
    assert.deepEqual(await call('/shop.Shop/Buy', message), { status: '0', body: message });
    assert.deepEqual(await call('/AWS.ALB/healthcheck', Buffer.alloc(0)), {
      status: '12',
      body: Buffer.alloc(0),
    });
    session.close();
    await cluster.kubectl('delete pod calls --grace-period=1');
  });

  test('a failing liveness probe restarts the container, and the Pod says so', async () => {
    const livenessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 1 };
    await cluster.kubectl('create -f -', pod('sick', 'failing:1', { livenessProbe }));
    await until("get pod sick -o jsonpath='{.status.containerStatuses[0].restartCount}'", /^[1-9]/);
    const said = await events('pod/sick', /Killing/);
    assert.match(said, /Unhealthy.*Liveness probe failed: HTTP probe failed with statuscode: 500/);
    assert.match(said, /Killing.*Container web failed liveness probe, will be restarted/);
    await until('get pod sick', /CrashLoopBackOff/);
    assert.match(await cluster.kubectl('describe pod sick'), /Last State:\s+Terminated/);
    await cluster.kubectl('delete pod sick --grace-period=1');
  });

  test('readiness waits for the startup probe, and a refused connection is worded as the kubelet does', async () => {
    const startupProbe = { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 60 };
    await cluster.kubectl('create -f -', pod('slowly', 'echo:1', { startupProbe }));
    await events('pod/slowly', /Startup probe failed: dial tcp [\d.]+:9: connect: connection refused/);
    assert.match(await cluster.kubectl('get pod slowly'), /0\/1\s+Running/);
    await cluster.kubectl('delete pod slowly --grace-period=1');
  });

  test('an exec probe is not taken for a success', async () => {
    const probe = { exec: { command: ['true'] }, periodSeconds: 1, failureThreshold: 1 };
    await cluster.kubectl(
      'create -f -',
      pod('asked', 'echo:1', { readinessProbe: probe, livenessProbe: probe }),
    );
    await events('pod/asked', /Readiness probe failed: the sandbox runs no commands/);
    assert.match(await cluster.kubectl('get pod asked'), /0\/1\s+Running\s+0/);
    await cluster.kubectl('delete pod asked --grace-period=1');
  });

  test('exec, attach and port-forward are refused in words', async () => {
    await run('closed', 'echo:1');
    for (const command of ['exec closed -- ls', 'attach closed', 'port-forward closed 8080:8080']) {
      const { code, stderr } = await cluster.tryKubectl(command);
      assert.notEqual(code, 0, command);
      assert.match(stderr, /the sandbox does not run containers: pods\/\w+ is not available/, command);
    }
    await cluster.kubectl('delete pod closed --grace-period=1');
  });

  test('Endpoints follow the Pods of a Service, and Endpoints written by hand become a slice', async () => {
    const ip = await run('behind', 'echo:1');
    await cluster.kubectl('expose pod behind --port=80 --target-port=8080');
    await until('get endpoints behind', new RegExp(`behind\\s+${ip}:8080`));
    await cluster.kubectl('delete pod behind --grace-period=1');
    await until('get endpoints behind', /behind\s+<none>/);
    await cluster.kubectl(
      'create -f -',
      `{apiVersion: v1, kind: Service, metadata: {name: outside}, spec: {ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Endpoints, metadata: {name: outside}, subsets: [{addresses: [{ip: 127.81.9.9}], ports: [{port: 8081}]}]}`,
    );
    await until('get endpointslices -l kubernetes.io/service-name=outside', /8081\s+127\.81\.9\.9/);
    await cluster.kubectl('delete endpoints outside');
    await until('get endpointslices -l kubernetes.io/service-name=outside -o name', /^$/);
  });

  test('a service account has tokens, which say who asks', async () => {
    await cluster.kubectl('create serviceaccount robot');
    const token = (await cluster.kubectl('create token robot --duration=30m')).trim();
    const as = (bearer: string) =>
      kubectl(cluster.kubernetes.kubeconfig.replace('token: sandbox', `token: ${bearer}`), [
        'auth',
        'whoami',
      ]);
    assert.match((await as(token)).stdout, /Username\s+system:serviceaccount:default:robot/);
    assert.match((await as(token)).stdout, /system:serviceaccounts:default/);
    const elsewhere = (await cluster.kubectl('create token robot --audience=vault')).trim();
    assert.match((await as(elsewhere)).stderr, /Unauthorized|must be logged in/);
    const review = (audiences: string) =>
      cluster.kubectl(
        'create -o yaml -f -',
        `{apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {token: ${elsewhere}, audiences: [${audiences}]}}`,
      );
    assert.match(await review('vault, other'), /audiences:\s+- vault\s+authenticated: true/);
    assert.match(await review('other'), /error: .*the audience is wrong/);
    const [head, body] = token.split('.');
    const forged = `${head}.${body}.${Buffer.from('x'.repeat(64)).toString('base64url')}`;
    assert.match((await as(forged)).stderr, /Unauthorized|must be logged in/);
    assert.match(
      (await cluster.tryKubectl('create token robot --duration=1m')).stderr,
      /expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes/,
    );
    assert.match(
      (await cluster.tryKubectl('create token nobody')).stderr,
      /serviceaccounts "nobody" not found/,
    );
    assert.match(
      await cluster.kubectl(
        'create -o yaml -f -',
        `{apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {token: ${forged}}}`,
      ),
      /error: .*invalid bearer token/,
    );
  });

  test('an eviction keeps to the disruption budget', async () => {
    await cluster.kubectl('create deployment guarded --image=echo --replicas=2');
    await cluster.kubectl('rollout status deploy/guarded --timeout=20s');
    await cluster.kubectl('create poddisruptionbudget guard --selector=app=guarded --min-available=2');
    await until('get pdb guard', /guard\s+2\s+N\/A\s+0/);
    const node = await cluster.kubectl("get pods -l app=guarded -o jsonpath='{.items[0].spec.nodeName}'");
    const drained = await cluster.tryKubectl(`drain ${node} --ignore-daemonsets --force --timeout=2s`);
    assert.match(drained.stderr, /Cannot evict pod as it would violate the pod's disruption budget/);
    await cluster.kubectl(`patch pdb guard -p '{"spec":{"minAvailable":1}}'`);
    await until('get pdb guard', /guard\s+1\s+N\/A\s+1/);
    await cluster.kubectl(`drain ${node} --ignore-daemonsets --force --timeout=30s`);
    await cluster.kubectl(`uncordon ${node}`);
    await cluster.kubectl('delete deploy/guarded pdb/guard');
  });

  test('what is kept but not carried out says so', async () => {
    await cluster.kubectl('create deployment sized --image=echo');
    await cluster.kubectl('autoscale deployment sized --min=1 --max=3 --cpu=50%');
    await events('hpa/sized', /FailedGetResourceMetric.*the sandbox measures no Pods/);
    assert.match(await cluster.kubectl('describe hpa sized'), /ScalingActive\s+False/);
    await cluster.kubectl('create quota some --hard=pods=1 --scopes=BestEffort');
    await events('resourcequota/some', /the sandbox tells no scopes apart: the quota is not enforced/);
    await cluster.kubectl(
      'create -f -',
      '{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: disk}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}',
    );
    await events('pvc/disk', /the sandbox has no storage/);
  });
});
