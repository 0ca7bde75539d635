/** Health, metrics and state of a controller at work, over HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { request } from 'undici';
import { METRICS } from '../../src/cli/metrics-table.ts';
import { freePort } from './daemon.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let health = '';
let metrics = '';

const get = async (url: string): Promise<{ readonly status: number; readonly body: string }> => {
  const reply = await request(url);
  return { status: reply.statusCode, body: await reply.body.text() };
};

before(async () => {
  world = await startWorld();
  [health, metrics] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  await world.kubectl(['create', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello-shop'));
  world.startController([
    '--health-probe-bind-addr',
    health,
    '--metrics-bind-addr',
    metrics,
    '--enable-leader-election=true',
    '--leader-election-namespace=web',
  ]);
});
after(() => world.stop());

test('it is alive at once, and ready when cluster and AWS were looked at', async () => {
  await world.until(
    'it is alive',
    async () => (await get(`http://${health}/healthz`).catch(() => undefined))?.status === 200,
  );
  const ready = await world.until('it is ready', async () => {
    const answer = await get(`http://${health}/readyz`);
    return answer.status === 200 && answer;
  });
  assert.equal(JSON.parse(ready.body).scanned, true);
  assert.equal((await get(`http://${health}/metrics`)).status, 404);
  assert.equal((await get(`http://${metrics}/healthz`)).status, 404);
});

/** Value of a series by name and labels; undefined when there is none. */
const sample = (page: string, series: string): number | undefined => {
  const line = page.split('\n').find((it) => it.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
};

test('every documented metric is there, in the form Prometheus reads, and moves with the work', async () => {
  await world.kubectl(
    ['create', '-f', '-'],
    ingress({ namespace: 'web', name: 'shop' }) +
      ingress({
        namespace: 'web',
        name: 'wrong',
        annotations: { scheme: 'nonsense' },
        paths: [['/', 'shop']],
      }),
  );
  await world.until(
    'served',
    async () => (await world.get('http://shop.example.com/').catch(() => undefined))?.status === 200,
  );
  await world.quiet();
  const { body } = await get(`http://${metrics}/metrics`);
  for (const [name, { type, help, labels }] of Object.entries(METRICS)) {
    assert.ok(body.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), name);
    // What has labels has samples once there is something to tell; prometheus.test.ts brings all of it about.
    const none = labels.length > 0 ? `|^# TYPE ${name} (counter|gauge)\n\n` : '';
    assert.match(body, new RegExp(`^${name}(_bucket)?[ {]${none}`, 'm'), `${name} has no sample`);
  }
  for (const line of body.split('\n'))
    assert.match(
      line,
      /^$|^# (HELP|TYPE) [a-z0-9_]+ .+|^[a-z0-9_]+(\{([a-z_]+="([^"\\\n]|\\.)*",?)+\})? [-+.0-9eInfNa]+$/,
      line,
    );
  assert.equal(sample(body, 'albingress_managed_ingresses'), 1);
  assert.equal(sample(body, 'albingress_managed_resources{kind="load-balancer"}'), 1);
  assert.equal(sample(body, 'albingress_leader'), 1);
  assert.equal(sample(body, 'albingress_problems{reason="InvalidAnnotation"}'), 1);
  assert.equal(sample(body, 'albingress_aws_requests{service="elbv2",operation="CreateLoadBalancer"}'), 1);
  assert.equal(sample(body, 'albingress_operations{verb="create",kind="load-balancer",result="done"}'), 1);
  assert.ok((sample(body, 'albingress_updates') ?? 0) >= 2);
  assert.ok((sample(body, 'albingress_cache{cache="facts",action="hit"}') ?? 0) >= 1);
  assert.ok((sample(body, 'albingress_watch_age_seconds{kind="ingresses"}') ?? 1e9) < 120);
  assert.ok((sample(body, 'albingress_reconcile_seconds_count{stage="apply"}') ?? 0) >= 2);
});

test('AWS requests are counted as AWS counts them', async () => {
  const { body } = await get(`http://${metrics}/metrics`);
  const counted = [
    ...body.matchAll(/^albingress_aws_requests\{service="(\w+)",operation="(\w+)"\} (\d+)$/gm),
  ];
  const names = new Map(counted.map(([, , operation, count]) => [operation, Number(count)]));
  const journal = new Map<string, number>();
  for (const { operation } of world.box.aws.journal)
    journal.set(operation, (journal.get(operation) ?? 0) + 1);
  assert.deepEqual([...names].sort(), [...journal].sort());
});

test('/state shows desired, actual and plan of each stack', async () => {
  const { status, body } = await get(`http://${metrics}/state`);
  assert.equal(status, 200);
  const { stacks } = JSON.parse(body) as {
    stacks: {
      stack: string;
      desired: { key: string }[];
      actual: { resources: { id: string; key: string }[] };
    }[];
  };
  const shop = stacks.find(({ stack }) => stack === 'web/shop');
  assert.deepEqual(
    shop?.actual.resources.map(({ key }) => key),
    shop?.desired.map(({ key }) => key),
  );
  assert.match(
    shop?.actual.resources.find(({ key }) => key.startsWith('load-balancer/'))?.id ?? '',
    /^arn:aws:/,
  );
});

test('a port that is taken ends the program, which says which flag to change', async () => {
  const late = world.startController(['--health-probe-bind-addr', health]);
  const [code] = late.process.exitCode === null ? await once(late.process, 'exit') : [late.process.exitCode];
  assert.equal(code, 1);
  assert.match(
    JSON.stringify(late.log),
    /\/healthz .*cannot be served: listen EADDRINUSE.*--healthz-port, --health-probe-bind-addr/,
  );
});
