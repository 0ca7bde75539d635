/** A Deployment behind a load balancer is restarted while requests come in: none may fail. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { INGRESS_CLASS, ingress } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const GATE = 'example.com/target-healthy';
const REPLICAS = 3;

/** Old Pods stay until new ones have been ready for a while; a preStop pause gives the load balancer time to stop sending. */
const WEB = `
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: web }
spec:
  replicas: ${REPLICAS}
  minReadySeconds: 2
  selector: { matchLabels: { app: shop } }
  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      terminationGracePeriodSeconds: 20
      readinessGates: [{ conditionType: ${GATE} }]
      containers:
        - name: web
          image: echoserver:1
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: 8080 }, periodSeconds: 1 }
          lifecycle: { preStop: { sleep: { seconds: 3 } } }
---
apiVersion: v1
kind: Service
metadata: { name: shop, namespace: web }
spec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }
---`;

let world: World;
let aws: ElasticLoadBalancingV2Client;

before(async () => {
  world = await startWorld();
  aws = new ElasticLoadBalancingV2Client({
    region: 'us-west-1',
    endpoint: world.box.awsUrl,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  });
});
after(() => world.stop());

const healthyTargets = async (): Promise<ReadonlySet<string>> => {
  const { TargetGroups = [] } = await aws.send(new DescribeTargetGroupsCommand({}));
  const healths = await Promise.all(
    TargetGroups.map(({ TargetGroupArn }) => aws.send(new DescribeTargetHealthCommand({ TargetGroupArn }))),
  );
  const all = healths.flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions);
  return new Set(
    all.filter((one) => one.TargetHealth?.State === 'healthy').map((one) => one.Target?.Id ?? ''),
  );
};

type Pods = {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly status: {
      readonly podIP?: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
};

/**
 * Opens one gate at a time: of a Pod whose containers are ready, once every Pod opened before is a healthy target. A
 * controller that writes readiness gates registers Pods before they are ready; the one here takes ready Pods only.
 */
const openGate = async (): Promise<void> => {
  const { items } = JSON.parse(await world.kubectl(['get', 'pods', '-n', 'web', '-o', 'json'])) as Pods;
  const is = ({ status }: Pods['items'][number], type: string): boolean =>
    status.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const healthy = await healthyTargets();
  if (alive.some((pod) => is(pod, GATE) && !healthy.has(pod.status.podIP ?? ''))) return;
  const next = alive.find((pod) => is(pod, 'ContainersReady') && !is(pod, GATE));
  if (next === undefined) return;
  const patch = JSON.stringify({ status: { conditions: [{ type: GATE, status: 'True' }] } });
  const target = ['pod', next.metadata.name, '-n', 'web', '--subresource=status', '-p', patch];
  await world.tryKubectl(['patch', ...target]);
};

test('kubectl rollout restart of three Pods behind target type ip fails no request', async (t) => {
  await world.kubectl(
    ['create', '-f', '-'],
    INGRESS_CLASS +
      WEB +
      ingress({ namespace: 'web', name: 'shop', annotations: { scheme: 'internal', 'target-type': 'ip' } }),
  );
  world.startController();
  let working = true;
  const gates = (async () => {
    for (; working; await sleep(100)) await openGate();
  })();
  const served = new Set<string>();
  const failures: string[] = [];
  let requests = 0;
  const ask = async (): Promise<void> => {
    while (working) {
      const answer = await world
        .get('http://shop.example.com/')
        .catch((error: unknown) => ({ status: 0, body: String(error) }));
      requests += 1;
      if (answer.status === 200) served.add((JSON.parse(answer.body) as { pod: string }).pod);
      else failures.push(`${answer.status} ${answer.body.slice(0, 100)}`);
    }
  };
  let asking: readonly Promise<void>[] = [];
  try {
    const rolled = ['rollout', 'status', 'deploy/shop', '-n', 'web', '--timeout=60s'];
    await world.kubectl(rolled);
    await world.until('the Ingress is served', async () => {
      const answer = await world.get('http://shop.example.com/').catch(() => undefined);
      return answer?.status === 200;
    });
    asking = [ask(), ask(), ask()];
    await world.until('every Pod has answered', () => served.size === REPLICAS);
    await world.kubectl(['rollout', 'restart', 'deploy/shop', '-n', 'web']);
    await world.kubectl(rolled);
    await world.until('every new Pod has answered', () => served.size === 2 * REPLICAS);
    await world.until('the old Pods are gone', async () => {
      const names = await world.kubectl(['get', 'pods', '-n', 'web', '-o', 'name']);
      return names.trim().split('\n').length === REPLICAS;
    });
  } finally {
    working = false;
    await Promise.all([gates, ...asking]);
  }
  t.diagnostic(`${requests} requests, ${failures.length} failed`);
  assert.deepEqual(failures.slice(0, 5), []);
  assert.ok(requests > 200, `only ${requests} requests were made`);
});
