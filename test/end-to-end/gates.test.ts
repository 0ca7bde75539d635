/** Readiness gates: which ones are opened, what is said of those that stay closed, and what it costs. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const OPEN = 'target-health.elbv2.k8s.aws/ingress';

/** A Pod of its own with gates, and its Service. */
const gated = (name: string, gates: readonly string[]): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: web, labels: { app: shop } }
spec:
  terminationGracePeriodSeconds: 20
  readinessGates: [${gates.map((gate) => `{ conditionType: ${gate} }`).join(', ')}]
  containers:
    - name: web
      image: echoserver:1
      ports: [{ containerPort: 8080 }]
      readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
      lifecycle: { preStop: { sleep: { seconds: 15 } } }
---`;

const SERVICE = `
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
---`;

const shop = (
  annotations: Readonly<Record<string, string>>,
  more: readonly (readonly [string, string])[] = [],
) =>
  ingress({
    namespace: 'web',
    name: 'shop',
    annotations: { scheme: 'internal', 'target-type': 'ip', ...annotations },
    paths: [['/', 'shop'], ...more],
  });

let world: World;

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['create', '-f', '-'],
    `${INGRESS_CLASS}${SERVICE}${gated('first', [OPEN])}${shop({ 'success-codes': '418' })}`,
  );
  world.startController();
});
after(() => world.stop());

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
};

const conditionOf = async (pod: string, type: string): Promise<Condition | undefined> => {
  const { status } = JSON.parse(await world.kubectl(['get', 'pod', pod, '-n', 'web', '-o', 'json'])) as {
    status: { conditions?: readonly Condition[] };
  };
  return status.conditions?.find((it) => it.type === type);
};

const isTrue = (pod: string, type: string) => async (): Promise<boolean> =>
  (await conditionOf(pod, type))?.status === 'True';

test('a target that fails its health checks keeps the gate closed, and the Pod says why', async () => {
  const told = await world.until('a reason', async () => {
    const condition = await conditionOf('first', OPEN);
    return condition?.reason === 'TargetUnhealthy' && condition;
  });
  assert.equal(told.status, 'False');
  assert.match(told.message ?? '', /:8080 is unhealthy in target-group\/.*look at the health check/);
  assert.equal((await conditionOf('first', 'Ready'))?.status, 'False');
  await world.kubectl(['apply', '-f', '-'], shop({ 'success-codes': '200' }));
  await world.until('the gate is open', isTrue('first', OPEN));
  await world.until('the Pod is ready', isTrue('first', 'Ready'));
});

test('gates that LBC named after our target group are opened, those of others are not', async () => {
  const [group] = [...world.box.aws.state.targetGroups.values()];
  const ours = `target-health.elbv2.k8s.aws/${group?.TargetGroupName}`;
  const old = 'target-health.alb.ingress.k8s.aws/shop_shop_80';
  const foreign = 'target-health.elbv2.k8s.aws/k8s-web-other-0123456789';
  await world.kubectl(['create', '-f', '-'], gated('second', [ours, old, foreign]));
  await world.until('ours is open', isTrue('second', ours));
  await world.until('the old one is open', isTrue('second', old));
  assert.equal(await conditionOf('second', foreign), undefined);
  const patch = JSON.stringify({ status: { conditions: [{ type: foreign, status: 'True' }] } });
  await world.kubectl(['patch', 'pod', 'second', '-n', 'web', '--subresource=status', '-p', patch]);
  await world.until('the Pod is ready', isTrue('second', 'Ready'));
});

test('health is asked for only while a Pod waits', async () => {
  await world.quiet();
  const since = world.box.aws.journal.length;
  await world.kubectl(['label', 'pod', 'first', '-n', 'web', 'unrelated=1']);
  await world.quiet();
  assert.deepEqual(world.calls(since), { reads: [], writes: [] });
});

test('a Pod that leaves is taken out while a pass of its stack is held up', async () => {
  const unhold = world.box.aws.faults.add({ kind: 'slow', operation: 'CreateRule', latency: 4000 });
  await world.kubectl(['apply', '-f', '-'], shop({ 'success-codes': '200' }, [['/new', 'shop']]));
  const since = world.box.aws.journal.length;
  const rules = () => [...world.box.aws.state.rules.values()].filter((it) => !it.IsDefault).length;
  await world.until('the pass is under way', () => world.box.aws.faults.list().some(({ hits }) => hits > 0));
  await world.kubectl(['delete', 'pod', 'second', '-n', 'web', '--wait=false']);
  await world.until('the target is out', () =>
    world.calls(since).writes.includes('elasticloadbalancing DeregisterTargets'),
  );
  assert.equal(rules(), 1, 'the pass has not come further');
  unhold();
  await world.until('the pass is over', () => rules() === 2);
});

test('a gate opens although AWS refuses something else of the load balancer all the while', async () => {
  world.box.aws.faults.add({
    kind: 'error',
    operation: 'ModifyLoadBalancerAttributes',
    code: 'InvalidConfigurationRequest',
    status: 400,
  });
  await world.kubectl(
    ['apply', '-f', '-'],
    shop({ 'load-balancer-attributes': 'idle_timeout.timeout_seconds=50' }),
  );
  await world.until('the refusal', async () =>
    /AwsRefused.*InvalidConfigurationRequest/.test(await world.kubectl(['get', 'events', '-n', 'web'])),
  );
  await world.kubectl(['create', '-f', '-'], gated('beside', [OPEN]));
  await world.until('the gate is open', isTrue('beside', OPEN));
  world.box.aws.faults.clear();
});
