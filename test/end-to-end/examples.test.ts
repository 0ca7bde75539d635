/** The examples, as the README uses them: with the real kubectl, and with the real aws where there is one. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startWorld, type World } from './world.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

let world: World;

before(async () => {
  world = await startWorld();
  world.startController();
});
after(() => world.stop());

const create = (path: string): Promise<string> => world.kubectl(['create', '-f', join(EXAMPLES, path)]);

const served = (url: string, body: RegExp): Promise<true> =>
  world.until(`${url} answers ${body}`, async () => {
    const answer = await world.get(url).catch(() => undefined);
    return answer?.status === 200 && body.test(answer.body);
  });

test('every example can be created, and its hosts answer', async () => {
  for (const path of ['ingress-class.yaml', 'default-backend.yaml', 'echoservice', '2048', 'group'])
    await create(path);
  await served('http://echoserver.example.com/hello?a=1', /\/hello/);
  await served('http://2048.example.com/', /2048/);
  await served('http://shop.example.com/', /pages/);
  await served('http://shop.example.com/api/orders', /^api/);
  const table = await world.kubectl(['get', 'ingress', '-A']);
  const rows = table.trim().split('\n').slice(1);
  assert.equal(rows.length, 4);
  for (const row of rows) assert.match(row, /\.us-west-1\.elb\.amazonaws\.com/);
});

test('the group has one load balancer for both namespaces, an unknown host gets 404', async () => {
  const address = async (namespace: string, name: string) =>
    world.kubectl([
      'get',
      'ingress',
      '-n',
      namespace,
      name,
      '-o',
      'jsonpath={.status.loadBalancer.ingress[0].hostname}',
    ]);
  const shared = await address('storefront', 'pages');
  assert.equal(await address('shop-api', 'api'), shared);
  assert.equal((await world.get(`http://${shared}/`, { host: 'nobody.example.com' })).status, 404);
});

test('describe shows what was made', async () => {
  const text = await world.kubectl(['describe', 'ingress', '-n', 'shop-api', 'api']);
  assert.match(text, /Events:/);
  assert.match(text, /Created.*rule for host is shop\.example\.com and path is \/api or \/api\/\*/);
});

test('the real aws reads the same', {
  skip: spawnSync('aws', ['--version']).status !== 0 && 'aws is not installed',
}, async () => {
  const aws = (...args: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('aws', [...args, '--output', 'json', '--endpoint-url', world.box.awsUrl], {
        env: { ...process.env, ...world.box.awsEnvironment },
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk) => (out += chunk));
      child.stderr.on('data', (chunk) => (err += chunk));
      child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(err))));
    });
  const balancers = JSON.parse(await aws('elbv2', 'describe-load-balancers')) as {
    LoadBalancers: readonly { LoadBalancerName: string }[];
  };
  assert.equal(balancers.LoadBalancers.length, 3);
  const records = await aws('route53', 'list-resource-record-sets', '--hosted-zone-id', 'ZEX');
  assert.match(records, /shop\.example\.com\./);
  assert.match(records, /heritage=alb-ingress,cluster=dev,stack=shop/);
});

test('deleting the examples leaves nothing in AWS but the fixtures', async () => {
  for (const path of ['group', '2048', 'echoservice', 'default-backend.yaml'])
    await world.kubectl(['delete', '-f', join(EXAMPLES, path), '--timeout=60s']);
  await world.quiet();
  const { loadBalancers, targetGroups, zones } = world.box.aws.state;
  assert.equal(loadBalancers.size + targetGroups.size, 0);
  const records = [...zones.values()]
    .flatMap((zone) => [...zone.records.values()])
    .filter((it) => it.Type !== 'NS' && it.Type !== 'SOA');
  assert.deepEqual(records, []);
});

test('the install manifest is accepted', async () => {
  await world.kubectl(['delete', '-f', join(EXAMPLES, 'ingress-class.yaml')]);
  // Where the definitions are installed already they stay: docs/install.md.
  const { code } = await world.tryKubectl(['get', 'crd', 'ingressstacks.alb-ingress.io']);
  const manifest = ['-f', join(EXAMPLES, 'alb-ingress-controller.yaml')];
  const only = code === 0 ? ['-l', 'app.kubernetes.io/name=alb-ingress-controller'] : [];
  try {
    await world.kubectl(['create', ...manifest, ...only]);
    const text = await world.kubectl([
      'get',
      'deployment',
      '-n',
      'kube-system',
      'alb-ingress-controller',
      '-o',
      'jsonpath={.spec.template.spec.containers[0].args}',
    ]);
    assert.equal((JSON.parse(text) as readonly string[])[0], 'run');
  } finally {
    await world.kubectl(['delete', '--ignore-not-found', ...manifest, ...only]);
  }
});
