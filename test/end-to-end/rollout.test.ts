/** Pods behind a load balancer come and go while requests come in: none may fail. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress, server } from './manifests.ts';
import { startRequests } from './request-loop.ts';
import { startWorld, type World } from './world.ts';

const REPLICAS = 3;

/** The gate as people write it by hand, and a preStop pause that gives the load balancer time to stop sending. */
const WEB = server({
  ...{ namespace: 'web', name: 'shop', replicas: REPLICAS, type: 'ClusterIP' },
  pod: `
      terminationGracePeriodSeconds: 20
      readinessGates: [{ conditionType: target-health.elbv2.k8s.aws/ingress }]
      containers:
        - name: web
          image: echoserver:1
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
          lifecycle: { preStop: { sleep: { seconds: 2 } } }`,
});

let world: World;
let aws: ElasticLoadBalancingV2Client;

before(async () => {
  world = await startWorld();
  aws = new ElasticLoadBalancingV2Client(world.sdk);
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS +
      WEB +
      ingress({ namespace: 'web', name: 'shop', annotations: { scheme: 'internal', 'target-type': 'ip' } }),
  );
  world.startController();
  // Nobody but the controller opens the gates.
  await rolledOut();
  await world.until('the Ingress is served', async () => {
    const answer = await world.get('http://shop.example.com/').catch(() => undefined);
    return answer?.status === 200;
  });
});
after(() => world.stop());

const rolledOut = (): Promise<string> =>
  world.kubectl(['rollout', 'status', 'deploy/shop', '-n', 'web', '--timeout=60s']);

const podNames = async (): Promise<readonly string[]> =>
  (await world.kubectl(['get', 'pods', '-n', 'web', '-l', 'app=shop', '-o', 'name'])).trim().split('\n');

/** States of all targets. */
const targetStates = async (): Promise<readonly string[]> => {
  const { TargetGroups = [] } = await aws.send(new DescribeTargetGroupsCommand({}));
  const healths = await Promise.all(
    TargetGroups.map(({ TargetGroupArn }) => aws.send(new DescribeTargetHealthCommand({ TargetGroupArn }))),
  );
  return healths
    .flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions)
    .map(({ TargetHealth }) => TargetHealth?.State ?? '')
    .sort();
};

/** Changes something under a loop of requests; resolves with the Pods that answered. */
const underRequests = async (
  change: (served: () => ReadonlySet<string>) => Promise<unknown>,
): Promise<{ readonly said: string; readonly served: ReadonlySet<string> }> => {
  const loop = startRequests(world, 'http://shop.example.com/');
  const served = (): ReadonlySet<string> =>
    new Set([...loop.bodies].map((body) => (JSON.parse(body) as { pod: string }).pod));
  try {
    await change(served);
  } finally {
    const { requests, failures } = await loop.stop();
    assert.deepEqual(failures.slice(0, 5), [], `${failures.length} of ${requests} requests failed`);
    assert.ok(requests > 100, `only ${requests} requests were made`);
  }
  return { said: `${loop.count()} requests, none failed`, served: served() };
};

test('the controller opened the gate of every Pod, with the reason', async () => {
  const status = await world.kubectl(['get', 'pods', '-n', 'web', '-o', 'json']);
  const { items } = JSON.parse(status) as {
    items: { status: { conditions: { type: string; status: string; reason?: string }[] } }[];
  };
  const gates = items.map(({ status: { conditions } }) =>
    conditions.find(({ type }) => type === 'target-health.elbv2.k8s.aws/ingress'),
  );
  assert.deepEqual(
    gates.map((gate) => `${gate?.status} ${gate?.reason}`),
    Array.from({ length: REPLICAS }, () => 'True TargetHealthy'),
  );
  assert.deepEqual(await targetStates(), ['healthy', 'healthy', 'healthy']);
});

test('kubectl rollout restart of three Pods behind target type ip fails no request', async (t) => {
  const { said } = await underRequests(async (served) => {
    await world.until('every Pod has answered', () => served().size === REPLICAS);
    await world.kubectl(['rollout', 'restart', 'deploy/shop', '-n', 'web']);
    await rolledOut();
    await world.until('every new Pod has answered', () => served().size === 2 * REPLICAS);
    await world.until('the old Pods are gone', async () => (await podNames()).length === REPLICAS);
  });
  t.diagnostic(said);
});

test('a scale-in fails no request, and the Pods that leave are drained at once', async (t) => {
  const { said } = await underRequests(async () => {
    await world.kubectl(['scale', 'deploy/shop', '-n', 'web', '--replicas=1']);
    // The Pods still serve for two seconds: by then they are out.
    await world.until('two targets are out', async () => {
      const states = await targetStates();
      return states.filter((state) => state === 'healthy').length === 1;
    });
    await world.until('one Pod is left', async () => (await podNames()).length === 1);
  });
  t.diagnostic(said);
});

test('a restart of the only Pod keeps it until the next one is healthy', async (t) => {
  const { said, served } = await underRequests(async (seen) => {
    await world.kubectl(['rollout', 'restart', 'deploy/shop', '-n', 'web']);
    await rolledOut();
    await world.until('the new Pod has answered', () => seen().size === 2);
    await world.until('the old Pod is gone', async () => (await podNames()).length === 1);
  });
  assert.equal(served.size, 2);
  t.diagnostic(said);
});
