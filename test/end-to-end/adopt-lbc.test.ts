/** A group made by LBC v3.5 changes hands without a write, and could be given back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { GROUP, groupName, importCertificate, type LbcRule, makeLbc } from './era-lbc.ts';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { CLUSTER, type Controller, startWorld, type World } from './world.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const exec = promisify(execFile);

const RULES: readonly LbcRule[] = [
  { ingress: 'blog', service: 'shop', host: 'blog.example.com', paths: ['/*'] },
  { ingress: 'shop', service: 'api', host: 'shop.example.com', paths: ['/api', '/api/*'] },
  { ingress: 'shop', service: 'shop', host: 'shop.example.com', paths: ['/*'] },
];

let world: World;
let certificate: string;
let services: ReadonlyMap<string, { readonly uid: string; readonly nodePort: number }>;
let controller: Controller;

const annotations = () => ({
  'group.name': GROUP,
  scheme: 'internal',
  'listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
  'certificate-arn': certificate,
});

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS + ['shop', 'api', 'news'].map((name) => textServer('web', name, `hello-${name}`)).join(''),
  );
  const text = await world.kubectl([
    ...['get', 'service', '-n', 'web', '-o'],
    'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.spec.ports[0].nodePort}{"\\n"}{end}',
  ]);
  services = new Map(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', uid = '', port]) => [name, { uid, nodePort: Number(port) }]),
  );
  certificate = await importCertificate(world);
  await makeLbc(world, { rules: RULES, certificate, services });
  await world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name: 'blog', annotations: annotations(), paths: [['/', 'shop']] }) +
      ingress({
        namespace: 'web',
        name: 'shop',
        annotations: annotations(),
        paths: [
          ['/', 'shop'],
          ['/api', 'api'],
        ],
      }),
  );
});
after(() => world.stop());

const balancer = () => {
  const [only] = [...world.box.aws.state.loadBalancers.values()];
  assert.ok(only);
  return only;
};

const served = (host: string, path: string, body: string): Promise<true> =>
  world.served(`http://${balancer().DNSName}${path}`, body, { host });

test('the plan has nothing to do', async () => {
  const env = { ...process.env, KUBECONFIG: join(world.dir, 'kubeconfig'), ...world.box.awsEnvironment };
  const args = ['plan', '--cluster-name', CLUSTER, '--disable-route53', '-o', 'json'];
  const { stdout } = await exec(process.execPath, [MAIN, ...args], { env });
  const planned = JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
  assert.deepEqual(
    planned.map(({ stack, operations, holds, problems }) => ({ stack, operations, holds, problems })),
    [{ stack: GROUP, operations: [], holds: [], problems: [] }],
  );
});

test('running writes nothing to AWS, and requests are served', async () => {
  const since = world.box.aws.journal.length;
  controller = world.startController(['--disable-route53']);
  await served('shop.example.com', '/api/x', 'hello-api');
  await served('blog.example.com', '/', 'hello-shop');
  await world.until('the address is told', async () =>
    (await world.kubectl(['get', 'ingress', '-n', 'web'])).includes(`k8s-${GROUP}-`),
  );
  await world.quiet();
  assert.deepEqual(world.calls(since).writes, []);
});

test('a new path costs its target group and its rules; nothing that stands is written to', async () => {
  const since = world.box.aws.journal.length;
  const news = {
    host: 'news.example.com',
    http: {
      paths: [
        { path: '/', pathType: 'Prefix', backend: { service: { name: 'news', port: { number: 80 } } } },
      ],
    },
  };
  await world.kubectl([
    ...['patch', 'ingress', 'shop', '-n', 'web', '--type=json', '-p'],
    JSON.stringify([{ op: 'add', path: '/spec/rules/-', value: news }]),
  ]);
  await served('news.example.com', '/', 'hello-news');
  await world.quiet();
  assert.deepEqual(
    world.calls(since).writes.map((it) => it.replace('elasticloadbalancing ', '')),
    ['CreateTargetGroup', 'RegisterTargets', 'CreateRule', 'CreateRule'],
  );
  await controller.stop();
});

test('given back, everything has LBC’s names and tags', () => {
  const { listeners, rules, targetGroups } = world.box.aws.state;
  const news = services.get('news');
  assert.ok(news);
  const wanted = groupName(
    { ingress: 'shop', service: 'news', host: '', paths: [] },
    news.uid,
    news.nodePort,
  );
  assert.ok(
    [...targetGroups.values()].some((it) => it.TargetGroupName === wanted),
    wanted,
  );
  const resources = [
    [balancer().LoadBalancerArn, 'LoadBalancer'],
    ...[...listeners.values()].map((it) => [it.ListenerArn, `${it.Port}`]),
    ...[...rules.values()]
      .filter((it) => !it.IsDefault)
      .map((it) => [it.RuleArn, `${listeners.get(it.listenerArn)?.Port}:${it.Priority}`]),
    ...[...targetGroups.values()].map((it) => [it.TargetGroupArn, /^web\/(shop|blog)-(shop|api|news):80$/]),
  ] as const;
  assert.equal(resources.length, 1 + 2 + 8 + 4);
  for (const [arn = '', resource = ''] of resources) {
    const tags = tagsOf(`${arn}`);
    assert.equal(tags['elbv2.k8s.aws/cluster'], CLUSTER, `${arn}`);
    assert.equal(tags['ingress.k8s.aws/stack'], GROUP, `${arn}`);
    assert.match(tags['ingress.k8s.aws/resource'] ?? '', new RegExp(resource), `${arn}`);
  }
});

const tagsOf = (arn: string): Readonly<Record<string, string>> => {
  const call = world.box.aws.snapshot() as unknown as {
    resources: Record<string, { $map?: [string, unknown][] }>;
  };
  const maps = Object.values(call.resources).flatMap((it) => it?.$map ?? []);
  const found = maps.find(
    ([key, value]) =>
      key === arn && typeof value === 'object' && value !== null && 'elbv2.k8s.aws/cluster' in value,
  );
  return (found?.[1] ?? {}) as Readonly<Record<string, string>>;
};
