/** A Network Load Balancer in front: made, left, given other ports and another load balancer, under a loop of requests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeListenersCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { startRequests } from './request-loop.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;
let elb: ElasticLoadBalancingV2Client;

const FRONT = {
  'enable-frontend-nlb': 'true',
  // The load balancer answers 404 to a check that names no host of an Ingress.
  'frontend-nlb-healthcheck-success-codes': '200-404',
};

const shop = (annotations: Readonly<Record<string, string>>): string =>
  ingress({ namespace: 'web', name: 'shop', annotations: { scheme: 'internal', ...annotations } });

const apply = (annotations: Readonly<Record<string, string>>) =>
  world.kubectl(['apply', '-f', '-'], shop(annotations));

before(async () => {
  world = await startWorld();
  elb = new ElasticLoadBalancingV2Client(world.sdk);
  await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + textServer('web', 'shop', 'hello') + shop(FRONT));
  controller = world.startController();
});
after(async () => {
  elb.destroy();
  await world.stop();
});

const balancers = async (type: 'application' | 'network') => {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
  return LoadBalancers.filter(({ Type }) => Type === type);
};

const aliasOf = (name: string): string | undefined =>
  [...world.box.aws.state.zones.values()]
    .flatMap(({ records }) => [...records.values()])
    .find((record) => record.Name === `${name}.` && record.Type === 'A')?.AliasTarget?.DNSName;

const leadsTo = (balancer: { readonly DNSName?: string | undefined } | undefined): boolean =>
  balancer?.DNSName !== undefined &&
  aliasOf('shop.example.com')?.replace(/^dualstack\./, '') === `${balancer.DNSName.toLowerCase()}.`;

const served = (url: string, what = `${url} is served`) =>
  world.until(what, async () => {
    const answer = await world.get(url).catch(() => undefined);
    return answer?.status === 200 && answer.body.includes('hello');
  });

const statusHosts = async (): Promise<string> =>
  world.kubectl([
    ...['get', 'ingress', 'shop', '-n', 'web', '-o'],
    'jsonpath={range .status.loadBalancer.ingress[*]}{.hostname}:{.ports[*].port} {end}',
  ]);

/** Changes something under a loop of requests, of which none may fail. */
const underRequests = async (
  change: () => Promise<unknown>,
  done: () => boolean | Promise<boolean>,
): Promise<void> => {
  const loop = startRequests(world, 'http://shop.example.com/');
  try {
    await world.until('requests are answered', () => loop.bodies.size > 0);
    await change();
    await world.until('the change is made', done);
    await world.quiet();
  } finally {
    const { requests, failures } = await loop.stop();
    assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${requests} requests failed`);
    assert.ok(requests > 50, `only ${requests} requests were made`);
  }
};

test('names lead to it, it leads to the load balancer, and the status shows both', async () => {
  await served('http://shop.example.com/');
  const [[front], [inner]] = [await balancers('network'), await balancers('application')];
  assert.ok(front && inner);
  assert.equal(front.LoadBalancerName, `${inner.LoadBalancerName?.slice(0, 28)}-nlb`);
  assert.deepEqual(front.SecurityGroups, inner.SecurityGroups);
  assert.ok(leadsTo(front));
  const { LoadBalancerArn } = front;
  const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  assert.deepEqual(
    Listeners?.map(({ Port, Protocol }) => `${Protocol} ${Port}`),
    ['TCP 80'],
  );
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ LoadBalancerArn }));
  const [group] = TargetGroups ?? [];
  assert.deepEqual([group?.TargetType, group?.Protocol, group?.Port], ['alb', 'TCP', 80]);
  // A front that is new to its name answers before its first health check is over.
  const found = await world.until('its target was checked', async () => {
    const { TargetHealthDescriptions } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: group?.TargetGroupArn }),
    );
    return TargetHealthDescriptions?.some((it) => it.TargetHealth?.State === 'initial')
      ? undefined
      : TargetHealthDescriptions;
  });
  assert.deepEqual(
    found.map(({ Target, TargetHealth }) => [Target?.Id, Target?.Port, TargetHealth?.State]),
    [[inner.LoadBalancerArn, 80, 'healthy']],
  );
  const arns = [LoadBalancerArn, Listeners?.[0]?.ListenerArn, group?.TargetGroupArn].map((arn) => arn ?? '');
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: arns }));
  assert.deepEqual(
    arns.map(
      (arn) =>
        TagDescriptions?.find(({ ResourceArn }) => ResourceArn === arn)?.Tags?.find(
          ({ Key }) => Key === 'ingress.k8s.aws/resource',
        )?.Value,
    ),
    ['FrontendNlb', 'FrontendNlb-ls-TCP-80', 'FrontendNlb-tg-TCP-80'],
  );
  await world.until('the status', async () => (await statusHosts()).trim().split(' ').length === 2);
  assert.equal(await statusHosts(), `${inner.DNSName?.toLowerCase()}:80 ${front.DNSName?.toLowerCase()}:80 `);
});

test('what LBC made of the same Ingress changes hands without a write', async () => {
  await world.quiet();
  await controller.stop();
  // LBC writes no such tag.
  const group = [...world.box.aws.state.targetGroups.values()].find(({ TargetType }) => TargetType === 'alb');
  await elb.send(
    new RemoveTagsCommand({
      ResourceArns: [group?.TargetGroupArn ?? ''],
      TagKeys: ['alb.ingress.kubernetes.io/scheme'],
    }),
  );
  const from = world.box.aws.journal.length;
  controller = world.startController();
  await world.until('it has looked', () =>
    world.calls(from).reads.some((call) => call.endsWith('DescribeTargetHealth')),
  );
  await world.quiet();
  assert.deepEqual(world.calls(from).writes, []);
});

test('attributes and health checks are changed in place, and go back to their defaults once', async () => {
  const crossZone = async () => {
    const [front] = await balancers('network');
    const { Attributes } = await elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: front?.LoadBalancerArn }),
    );
    return Attributes?.find(({ Key }) => Key === 'load_balancing.cross_zone.enabled')?.Value;
  };
  const path = () =>
    [...world.box.aws.state.targetGroups.values()].find(({ TargetType }) => TargetType === 'alb')
      ?.HealthCheckPath;
  await apply({
    ...FRONT,
    'frontend-nlb-attributes': 'load_balancing.cross_zone.enabled=true',
    'frontend-nlb-healthcheck-path': '/healthz',
  });
  await world.until('both are set', async () => (await crossZone()) === 'true' && path() === '/healthz');
  await apply(FRONT);
  await world.until('both are back', async () => (await crossZone()) === 'false' && path() === '/');
});

test('taken away, it fails no request: the name moves first', async () => {
  const [inner] = await balancers('application');
  await underRequests(
    () => apply({}),
    async () => leadsTo(inner) && (await balancers('network')).length === 0,
  );
  const groups = [...world.box.aws.state.targetGroups.values()];
  assert.deepEqual(
    groups.map(({ TargetType }) => TargetType),
    ['instance'],
  );
  await served('http://shop.example.com/');
});

test('put in front of what serves, with ports of its own, it fails no request', async () => {
  await underRequests(
    () => apply({ ...FRONT, 'frontend-nlb-listener-port-mapping': '80=80,8080=80' }),
    async () => leadsTo((await balancers('network'))[0]),
  );
  await served('http://shop.example.com:8080/');
});

test('the load balancer behind it is replaced, and no request fails', async () => {
  const [front] = await balancers('network');
  const [before] = await balancers('application');
  await underRequests(
    () =>
      apply({
        ...FRONT,
        'frontend-nlb-listener-port-mapping': '80=80,8080=80',
        scheme: 'internet-facing',
      }),
    async () => {
      const all = await balancers('application');
      return all.length === 1 && all[0]?.LoadBalancerArn !== before?.LoadBalancerArn;
    },
  );
  const [after] = await balancers('network');
  assert.equal(after?.LoadBalancerArn, front?.LoadBalancerArn, 'it has stayed');
  assert.ok(leadsTo(after));
  await served('http://shop.example.com:8080/');
});

test('everything goes with the Ingress', async () => {
  await world.kubectl(['delete', 'ingress', 'shop', '-n', 'web', '--timeout=30s']);
  const { loadBalancers, targetGroups, listeners } = world.box.aws.state;
  assert.deepEqual([loadBalancers.size, targetGroups.size, listeners.size], [0, 0, 0]);
  assert.equal(aliasOf('shop.example.com'), undefined);
});
