/** Load balancers of the 2017 controller change hands in place: address, name and traffic stay. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Made2017, make2017 } from './era-2017.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

const HOST = 'shop.example.com';
const NAMES = { namespace: 'web', ingress: 'shop' };
const ANNOTATIONS = {
  scheme: 'internal',
  subnets: 'subnet-1234,subnet-5678',
  'security-groups': 'sg-1234',
  tags: 'Environment=dev',
};
const MANIFEST = ingress({
  namespace: 'web',
  name: 'shop',
  annotations: ANNOTATIONS,
  paths: [
    ['/', 'shop'],
    ['/api', 'api'],
  ],
});

let world: World;
let controller: Controller | undefined;
let nodePorts: ReadonlyMap<string, number>;
let empty: ReturnType<World['box']['aws']['snapshot']>;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS + textServer('web', 'shop', 'hello-shop') + textServer('web', 'api', 'hello-api'),
  );
  const text = await world.kubectl([
    ...['get', 'service', '-n', 'web', '-o'],
    'jsonpath={range .items[*]}{.metadata.name}={.spec.ports[0].nodePort} {end}',
  ]);
  nodePorts = new Map([
    ...text
      .trim()
      .split(' ')
      .map((it): [string, number] => [it.split('=')[0] ?? '', Number(it.split('=')[1])]),
    // A Service that is gone from the cluster, and whose target group nobody took away.
    ['old', 32_767],
  ]);
  empty = world.box.aws.snapshot();
});
after(() => world.stop());

beforeEach(async () => {
  await controller?.kill();
  for (const name of ['shop', 'two'])
    await world.tryKubectl([
      'patch',
      'ingress',
      name,
      '-n',
      'web',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
  await world.kubectl(['delete', 'ingress', '--all', '-n', 'web', '--timeout=30s']);
  world.box.aws.restore(empty);
});

const PATHS = [
  ['/', 'shop'],
  ['/api', 'api'],
  ['/api/*', 'api'],
  ['/old/*', 'old'],
] as const;

const era = (host = HOST, paths: readonly (readonly [string, string])[] = PATHS): Promise<Made2017> =>
  make2017(world, { ...NAMES, host, paths, nodePorts });

/** What AWS holds, without what AWS chooses by chance. */
const content = () => {
  const { loadBalancers, listeners, rules, targetGroups, zones } = world.box.aws.state;
  const tags = (arn: string) =>
    Object.entries(tagsOf(arn))
      .sort()
      .map((it) => it.join('='));
  const names = (
    actions:
      | readonly { readonly TargetGroupArn?: string | undefined; readonly Type?: string | undefined }[]
      | undefined,
  ) =>
    (actions ?? []).map((it) =>
      `${it.Type} ${targetGroups.get(it.TargetGroupArn ?? '')?.TargetGroupName ?? ''}`.trim(),
    );
  return {
    balancers: [...loadBalancers.values()].map((it) => [
      it.LoadBalancerArn,
      it.DNSName,
      tags(it.LoadBalancerArn),
    ]),
    listeners: [...listeners.values()].map((it) => [it.Port, names(it.DefaultActions), tags(it.ListenerArn)]),
    rules: [...rules.values()]
      .filter((it) => !it.IsDefault)
      .map((it) => [
        it.Conditions?.map((one) => one.HostHeaderConfig?.Values ?? one.PathPatternConfig?.Values),
        names(it.Actions),
      ])
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    groups: [...targetGroups.values()]
      .map((it) => [it.TargetGroupArn, [...it.targets.keys()].sort(), tags(it.TargetGroupArn)])
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    records: [...(zones.get('ZEX')?.records.values() ?? [])]
      .filter((it) => it.Type !== 'NS' && it.Type !== 'SOA')
      .map((it) => `${it.Type} ${it.Name} ${it.AliasTarget?.DNSName ?? it.ResourceRecords?.[0]?.Value}`),
  };
};

const tagsOf = (arn: string): Readonly<Record<string, string>> => {
  const { resources } = world.box.aws.snapshot() as unknown as {
    resources: Record<string, { $map?: [string, unknown][] }>;
  };
  for (const map of Object.values(resources)) {
    const found = map?.$map?.find(([key, value]) => key === arn && isTags(value));
    if (found) return found[1] as Record<string, string>;
  }
  return {};
};
const isTags = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every((it) => typeof it === 'string');

const served = (path: string, body: string): Promise<true> => world.served(`http://${HOST}${path}`, body);

const settled = async (controller: Controller): Promise<void> => {
  await world.started(controller);
  await world.quiet();
  await world.until('old target groups gone', () => world.box.aws.state.targetGroups.size === 2);
  await world.quiet();
};

test('address, name and traffic stay; what nobody needs any more goes; the second pass writes nothing', async () => {
  const made = await era();
  await served('/', 'hello-shop');
  await served('/api/x', 'hello-api');
  let asking = true;
  const wrong: string[] = [];
  let requests = 0;
  const loop = async (path: string, body: string): Promise<void> => {
    while (asking) {
      const answer = await world
        .get(`http://${HOST}${path}`)
        .catch((error: unknown) => ({ status: 599, body: String(error) }));
      requests++;
      if (answer.status !== 200 || !answer.body.includes(body))
        wrong.push(`${path} ${answer.status} ${answer.body}`);
    }
  };
  const loops = [loop('/', 'hello-shop'), loop('/api/x', 'hello-api'), loop('/api', 'hello-api')];
  await world.kubectl(['apply', '-f', '-'], MANIFEST);
  controller = world.startController();
  try {
    await settled(controller);
  } finally {
    asking = false;
    await Promise.all(loops);
  }
  assert.deepEqual(wrong.slice(0, 3), []);
  assert.ok(requests > 50, `only ${requests} requests were made`);
  const { balancers, listeners, rules, groups, records } = content();
  assert.deepEqual(
    balancers.map(([arn, dnsName]) => [arn, dnsName]),
    [[made.arn, made.dnsName]],
  );
  assert.match(JSON.stringify(balancers), /IngressName=shop.*elbv2.k8s.aws\/cluster=dev.*stack=web\/shop/);
  assert.match(JSON.stringify(listeners), /^\[\[80,\["fixed-response"\],\[.*stack=web\/shop/);
  assert.deepEqual(
    rules.map(([conditions]) => conditions),
    [
      [[HOST], ['/*']],
      [[HOST], ['/api', '/api/*']],
    ],
  );
  assert.deepEqual(
    groups.map(([arn]) => arn),
    [made.groups.get('api'), made.groups.get('shop')].sort(),
    'adopted in place',
  );
  assert.ok(records.some((it) => it.startsWith(`A ${HOST}. `) && it.includes(made.dnsName)));
  assert.ok(records.some((it) => it.includes('stack=web/shop')));
  const events = await world.kubectl(['get', 'events', '-n', 'web']);
  assert.match(events, /Adopted.*load balancer/);
  await controller.stop();
  const since = world.box.aws.journal.length;
  const again = world.startController();
  controller = again;
  await world.started(again);
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  const { loadBalancers, targetGroups, zones } = world.box.aws.state;
  assert.deepEqual([loadBalancers.size, targetGroups.size, zones.get('ZEX')?.records.size], [0, 0, 2]);
  await controller.stop();
});

test('killed after each write of the take-over, in turn', async (t) => {
  await era();
  const old = world.box.aws.snapshot();
  await world.kubectl(['apply', '-f', '-'], MANIFEST);
  const since = world.box.aws.journal.length;
  const first = world.startController();
  await settled(first);
  await first.stop();
  const expected = content();
  const { writes } = world.calls(since);
  t.diagnostic(`${writes.length} writes: ${writes.join(', ')}`);
  for (let cut = 1; cut <= writes.length; cut++) {
    world.box.aws.restore(old);
    const victim = world.startController();
    let count = 0;
    await new Promise<void>((resolve) => {
      world.box.aws.afterWrite = async () => {
        if (++count !== cut) return;
        world.box.aws.afterWrite = undefined;
        await victim.kill();
        resolve();
      };
    });
    const next = world.startController();
    await world
      .until(`the same end after write ${cut}`, () => isDeepStrictEqual(content(), expected))
      .catch(() => {
        assert.deepEqual(content(), expected, `after write ${cut}`);
      });
    await next.stop();
  }
});

test('without an Ingress of that name and host nothing is touched', async () => {
  await era();
  await served('/', 'hello-shop');
  const before = world.box.aws.snapshot();
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name: 'shop', host: 'other.example.com', annotations: ANNOTATIONS }),
  );
  controller = world.startController();
  await world.until(
    'served',
    async () => (await world.get('http://other.example.com/').catch(() => undefined))?.status === 200,
  );
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  assert.deepEqual(comparable(world.box.aws.snapshot()), comparable(before));
  await controller.stop();
});

test('of several hosts the first one keeps its balancer; the others serve on and are told', async () => {
  const first = await era('a.example.com');
  const second = await era('b.example.com', [['/', 'shop']]);
  const two = ingress({
    namespace: 'web',
    name: 'shop',
    host: 'b.example.com',
    annotations: ANNOTATIONS,
  }).replace(
    /---$/,
    '    - host: a.example.com\n      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: shop, port: { number: 80 } } } }] }\n---',
  );
  await world.kubectl(['apply', '-f', '-'], two);
  controller = world.startController();
  await world.until(
    'a rule for both',
    () => content().rules.filter(([it]) => JSON.stringify(it).includes('example.com')).length >= 2,
  );
  await world.quiet();
  assert.deepEqual([...world.box.aws.state.loadBalancers.keys()].sort(), [first.arn, second.arn].sort());
  assert.deepEqual(Object.keys(tagsOf(second.arn)).sort(), [
    'Environment',
    'Hostname',
    'IngressName',
    'Namespace',
  ]);
  assert.ok(content().records.some((it) => it.startsWith('A b.example.com.') && it.includes(second.dnsName)));
  assert.equal((await world.get('http://b.example.com/')).status, 200);
  const events = await world.kubectl(['get', 'events', '-n', 'web']);
  assert.match(events, /HeldBack.*made by the 2017 controller for host b\.example\.com of web\/shop/);
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  await world.quiet();
  assert.deepEqual([...world.box.aws.state.loadBalancers.keys()], [second.arn]);
  assert.equal(world.box.aws.state.targetGroups.size, 1);
  await controller.stop();
});

test('a mistake keeps what served before the take-over; mended, it is as if it had never been', async () => {
  await era();
  await served('/api/x', 'hello-api');
  await world.kubectl(['apply', '-f', '-'], MANIFEST.replace(/(name: api, port: \{ number: )80/, '$181'));
  controller = world.startController();
  await world.until('ours', () => JSON.stringify(content().balancers).includes('stack=web/shop'));
  await world.quiet();
  await served('/', 'hello-shop');
  await served('/api/x', 'hello-api');
  assert.ok(content().rules.some(([it]) => isDeepStrictEqual(it, [['/api/*']])));
  await world.kubectl(['apply', '-f', '-'], MANIFEST);
  await settled(controller);
  await served('/api/x', 'hello-api');
  assert.deepEqual(
    content().rules.map(([it]) => it),
    [
      [[HOST], ['/*']],
      [[HOST], ['/api', '/api/*']],
    ],
  );
});

test('another scheme replaces it as it would one of ours: served all the while, deleted last', async () => {
  const made = await era();
  await served('/', 'hello-shop');
  let asking = true;
  const wrong: string[] = [];
  const loop = (async () => {
    while (asking) {
      const answer = await world.get(`http://${HOST}/`).catch(() => ({ status: 599, body: '' }));
      if (answer.status !== 200) wrong.push(`${answer.status} ${answer.body}`);
    }
  })();
  try {
    await world.kubectl(['apply', '-f', '-'], MANIFEST.replace('"internal"', '"internet-facing"'));
    controller = world.startController();
    await world.until('only the new one is left', () => {
      const [only, ...others] = [...world.box.aws.state.loadBalancers.values()];
      return others.length === 0 && only?.Scheme === 'internet-facing' && only.LoadBalancerArn !== made.arn;
    });
    await settled(controller);
  } finally {
    asking = false;
    await loop;
  }
  assert.deepEqual(wrong, []);
  assert.ok(
    [...world.box.aws.state.targetGroups.values()].every((it) => it.TargetGroupName?.startsWith('k8s-')),
  );
});

/** Without what only counts calls and time. */
const comparable = (snapshot: unknown): unknown => {
  const { resources } = snapshot as { resources: Record<string, unknown> };
  const { loadBalancers, listeners, rules, targetGroups, zones } = resources;
  // The health of a target is the data plane's.
  const text = JSON.stringify({ loadBalancers, listeners, rules, targetGroups, zones });
  return JSON.parse(text, (key, value: unknown) => (key === 'health' ? undefined : value));
};
