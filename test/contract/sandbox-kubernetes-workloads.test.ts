import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '../../src/sandbox/kubernetes/object.ts';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { createAccess } from '../../src/sandbox/workloads/access.ts';
import { startWorkloads, type Workloads } from '../../src/sandbox/workloads/start.ts';

const NETWORK = '127.78';
const SLICES = 'endpointslices.discovery.k8s.io';

type Endpoint = {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
  readonly targetRef: { readonly name: string };
};
type Pod = KubeObject & {
  readonly status?: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly { type: string; status: string }[];
  };
};

describe('Pods and Services of the sandbox', () => {
  let kubernetes: SandboxKubernetes;
  let workloads: Workloads;
  before(async () => {
    kubernetes = await startKubernetes();
    workloads = await startWorkloads(kubernetes, { region: 'eu-west-1', network: NETWORK });
  });
  after(async () => {
    workloads.stop();
    await kubernetes.stop();
  });
  const access = () => createAccess(kubernetes.cluster, 'test');
  /** Resolves with what `look` finds once it finds something, looking after every write. */
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      let done = false;
      const check = (): void => {
        const found = done ? undefined : look();
        if (found === undefined) return;
        done = true;
        resolve(found);
      };
      kubernetes.store.onWrite(() => setImmediate(check));
      check();
    });
  const pod = (name: string, spec: object, labels: object = { app: name }): void => {
    access().create('pods', 'default', { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec });
  };
  const service = (name: string, spec: object): KubeObject =>
    access().create('services', 'default', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ...spec },
    });
  const getPod = (name: string): Pod | undefined => access().get<Pod>('pods', 'default', name);
  const isReady = (name: string): boolean =>
    getPod(name)?.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
  const readyIp = (name: string): Promise<string> =>
    until(() => (isReady(name) ? getPod(name)?.status?.podIP : undefined));
  const endpoints = (name: string): readonly Endpoint[] =>
    access()
      .list<KubeObject>(SLICES, 'default')
      .filter((one) => one.metadata.labels?.['kubernetes.io/service-name'] === name)
      .flatMap((one) => (one.endpoints ?? []) as Endpoint[]);
  const nodePort = (object: KubeObject): number =>
    (object.spec as { ports: { nodePort: number }[] }).ports[0]?.nodePort ?? 0;
  const container = (image: string, more: object = {}): object => ({
    containers: [{ name: 'c', image, ports: [{ containerPort: 8080 }], ...more }],
  });

  test('nodes have the addresses, zones and instance ids that AWS would give them', () => {
    const nodes = access()
      .list<KubeObject>('nodes')
      .map((one) => [one.metadata.name, (one.spec as { providerID: string }).providerID]);
    assert.deepEqual(nodes, [
      ['cp-1', 'aws:///eu-west-1c/i-0ccc'],
      ['node-a', 'aws:///eu-west-1a/i-0aaa'],
      ['node-b', 'aws:///eu-west-1b/i-0bbb'],
    ]);
  });

  test('every image answers in its way', async () => {
    const images: readonly (readonly [string, string, object, number, RegExp])[] = [
      ['echo', 'k8s.gcr.io/echoserver:1.10', {}, 200, /"pod": "echo"/],
      ['httpd', 'httpd:2.4', {}, 200, /It works!/],
      ['nginx', 'nginx', {}, 200, /It works!/],
      ['tomcat', 'tomcat:9', {}, 200, /Apache Tomcat/],
      ['game', 'alexwhen/docker-2048', {}, 200, /2048/],
      [
        'text',
        'example/http-text-response',
        {
          env: [
            { name: 'RESPONSE_BODY', value: 'hi' },
            { name: 'RESPONSE_CODE', value: '203' },
          ],
        },
        203,
        /^hi$/,
      ],
      ['http-echo', 'hashicorp/http-echo', { args: ['-text=said'] }, 200, /^said$/],
      ['backend', 'gcr.io/defaultbackend:1.4', {}, 404, /default backend/],
      ['failing', 'failing', {}, 500, /failing on purpose/],
      ['by-args', 'example.com/mine:1', { args: ['echo'] }, 200, /"pod": "by-args"/],
    ];
    for (const [name, image, more] of images) pod(name, container(image, more));
    for (const [name, , , status, body] of images) {
      const response = await fetch(`http://${await readyIp(name)}:8080/`);
      assert.equal(response.status, status, name);
      assert.match(await response.text(), body);
    }
  });

  test('a node port on every node forwards to ready Pods, also to ports that only the Service names', async () => {
    pod('forwarded', { containers: [{ name: 'c', image: 'echoserver' }] });
    const made = service('forwarded', { type: 'NodePort', ports: [{ port: 80, targetPort: 9090 }] });
    await readyIp('forwarded');
    await until(() => (endpoints('forwarded')[0]?.conditions.ready ? true : undefined));
    for (const node of workloads.nodes) {
      const response = await fetch(`http://${node.address}:${nodePort(made)}/x?y=1`, {
        headers: { connection: 'close' },
      });
      const said = (await response.json()) as { pod: string; path: string; query: string };
      assert.deepEqual([said.pod, said.path, said.query], ['forwarded', '/x', '?y=1']);
    }
    access().remove('services', made);
    await assert.rejects(
      fetch(`http://${workloads.nodes[0]?.address}:${nodePort(made)}/`, { headers: { connection: 'close' } }),
    );
  });

  test('named target ports are looked up in the Pod', async () => {
    pod('named', {
      containers: [{ name: 'c', image: 'httpd', ports: [{ name: 'web', containerPort: 8081 }] }],
    });
    service('named', { ports: [{ name: 'http', port: 80, targetPort: 'web' }] });
    await readyIp('named');
    const slice = await until(() =>
      access()
        .list<KubeObject>(SLICES, 'default')
        .find((one) => one.metadata.name.startsWith('named-') && (one.endpoints as Endpoint[]).length > 0),
    );
    assert.deepEqual(slice.ports, [{ name: 'http', port: 8081, protocol: 'TCP' }]);
  });

  test('a readiness probe that fails keeps a Pod out, one that passes lets it in', async () => {
    const probe = {
      readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1, failureThreshold: 1 },
    };
    pod('unready', container('failing', probe));
    pod('probed', container('echoserver', probe));
    service('unready', { ports: [{ port: 8080 }] });
    await readyIp('probed');
    const shown = await until(() => endpoints('unready')[0]);
    assert.deepEqual(shown.conditions, { ready: false, serving: false, terminating: false });
  });

  test('a readiness gate keeps a Pod out until somebody opens it', async () => {
    pod('gated', {
      ...container('echoserver'),
      readinessGates: [{ conditionType: 'target-health.example.com/x' }],
    });
    await until(() =>
      getPod('gated')?.status?.conditions?.some(
        (one) => one.type === 'ContainersReady' && one.status === 'True',
      )
        ? true
        : undefined,
    );
    assert.equal(isReady('gated'), false);
    const before = getPod('gated');
    assert.ok(before);
    access().setStatus('pods', before, {
      ...before.status,
      conditions: [
        ...(before.status?.conditions ?? []),
        { type: 'target-health.example.com/x', status: 'True' },
      ],
    });
    await readyIp('gated');
  });

  test('a Pod that ends finishes requests under way, leaves its Service at once, and then is gone', async () => {
    pod('ending', {
      ...container('slow', { env: [{ name: 'DELAY_MS', value: '400' }] }),
      terminationGracePeriodSeconds: 5,
    });
    service('ending', { ports: [{ port: 8080 }] });
    const ip = await readyIp('ending');
    await until(() => (endpoints('ending')[0]?.conditions.ready ? true : undefined));
    const underWay = fetch(`http://${ip}:8080/`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const living = getPod('ending');
    assert.ok(living);
    access().remove('pods', living);
    const leaving = await until(() => endpoints('ending').find((one) => one.conditions.terminating));
    assert.deepEqual(leaving.conditions, { ready: false, serving: true, terminating: true });
    assert.equal((await underWay).status, 200);
    await until(() => (getPod('ending') === undefined ? true : undefined));
    await until(() => (endpoints('ending').length === 0 ? true : undefined));
    await assert.rejects(fetch(`http://${ip}:8080/`));
  });

  test('during a preStop sleep a Pod still accepts connections', async () => {
    pod('resting', {
      ...container('echoserver', { lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
      terminationGracePeriodSeconds: 10,
    });
    const ip = await readyIp('resting');
    const living = getPod('resting');
    assert.ok(living);
    access().remove('pods', living);
    await until(() => (getPod('resting')?.metadata.deletionTimestamp ? true : undefined));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await fetch(`http://${ip}:8080/`, { headers: { connection: 'close' } })).status, 200);
    await until(() => (getPod('resting') === undefined ? true : undefined));
  });

  test('the grace period cuts off what takes longer', async () => {
    pod('cut', {
      ...container('slow', { env: [{ name: 'DELAY_MS', value: '20000' }] }),
      terminationGracePeriodSeconds: 1,
    });
    const ip = await readyIp('cut');
    const underWay = assert.rejects(fetch(`http://${ip}:8080/`));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const living = getPod('cut');
    assert.ok(living);
    access().remove('pods', living);
    await until(() => (getPod('cut') === undefined ? true : undefined));
    await underWay;
  });

  test('without a ready Pod a node port refuses connections', async () => {
    const made = service('nobody', { type: 'NodePort', ports: [{ port: 80 }] });
    await until(() =>
      access()
        .list<KubeObject>(SLICES, 'default')
        .find((one) => one.metadata.name.startsWith('nobody-')),
    );
    await assert.rejects(fetch(`http://${workloads.nodes[0]?.address}:${nodePort(made)}/`));
  });
});

test('a second sandbox on the same network takes other Pod addresses', async () => {
  const both = await Promise.all(
    [1, 2].map(async () => {
      const kubernetes = await startKubernetes();
      return {
        kubernetes,
        workloads: await startWorkloads(kubernetes, { region: 'eu-west-1', network: '127.79' }),
      };
    }),
  );
  const addresses = await Promise.all(
    both.map(async ({ kubernetes }) => {
      const access = createAccess(kubernetes.cluster, 'test');
      access.create('pods', 'default', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'one' },
        spec: { containers: [{ name: 'c', image: 'echo', ports: [{ containerPort: 8080 }] }] },
      });
      return new Promise<string>((resolve) => {
        kubernetes.store.onWrite(() => {
          const ip = access.get<Pod>('pods', 'default', 'one')?.status?.podIP;
          if (ip !== undefined) resolve(ip);
        });
      });
    }),
  );
  assert.notEqual(addresses[0], addresses[1]);
  for (const { kubernetes, workloads } of both) {
    workloads.stop();
    await kubernetes.stop();
  }
});
