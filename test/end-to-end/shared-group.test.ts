/** Fifty Ingresses of ten namespaces on one load balancer, five of them wrong in different ways: the others are served. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeLoadBalancerAttributesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { paramsCrd } from '../../src/core/ingress-class/params-crd.ts';
import { textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

let world: World;

const NAMESPACES = Array.from({ length: 10 }, (_, index) => `team-${index}`);
const ANNOTATION = 'alb.ingress.kubernetes.io/';

const CLASSES = `
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: { name: shared }
spec:
  group: { name: shared }
  scheme: internal
  loadBalancerAttributes: [{ key: idle_timeout.timeout_seconds, value: '77' }]
  tags: [{ key: team, value: platform }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata:
  name: shared
  annotations: { ${ANNOTATION}allowed-hosts: '*.example.com' }
spec:
  controller: ingress.k8s.aws/alb
  parameters: { apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: shared }
---
`;

type Wrong = {
  readonly reason: string;
  readonly annotations?: string;
  readonly host?: string;
  readonly port?: number;
};

/** What is wrong with the fifth Ingress of the first five namespaces. */
const WRONG: readonly Wrong[] = [
  { reason: 'InvalidAnnotation', annotations: `${ANNOTATION}healthcheck-interval-seconds: often` },
  { reason: 'HostTaken', host: 'team-9-0.example.com' },
  { reason: 'NotAllowed', host: 'team-2-4.example.org' },
  { reason: 'InvalidBackend', port: 81 },
  { reason: 'InvalidPath', host: 'team-4-4.example.com' },
];

const ingress = (namespace: string, index: number, wrong: Wrong | undefined): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web-${index}
  namespace: ${namespace}
  annotations: { ${[`${ANNOTATION}scheme: internet-facing`, wrong?.annotations].filter(Boolean).join(', ')} }
spec:
  ingressClassName: shared
  rules:
    - host: ${wrong?.host ?? `${namespace}-${index}.example.com`}
      http:
        paths:
          - path: ${wrong?.reason === 'InvalidPath' ? '"/*"' : '/'}
            pathType: Prefix
            backend: { service: { name: web, port: { number: ${wrong?.port ?? 80} } } }
---
`;

const wrongOf = (namespace: number, index: number): Wrong | undefined =>
  index === 4 ? WRONG[namespace] : undefined;

const all = NAMESPACES.flatMap((namespace, at) =>
  Array.from({ length: 5 }, (_, index) => ({ namespace, index, wrong: wrongOf(at, index) })),
);

before(async () => {
  world = await startWorld();
  await world.kubectl(['apply', '-f', '-'], JSON.stringify(paramsCrd));
  await world.kubectl(
    ['apply', '-f', '-'],
    CLASSES + NAMESPACES.map((it) => textServer(it, 'web', `from-${it}`)).join(''),
  );
  // The host that somebody else asks for has an owner first.
  await world.kubectl(['apply', '-f', '-'], ingress('team-9', 0, undefined));
  world.startController();
  await answers('team-9-0', 'from-team-9');
  await world.kubectl(
    ['apply', '-f', '-'],
    all.map(({ namespace, index, wrong }) => ingress(namespace, index, wrong)).join(''),
  );
});
after(() => world.stop());

const answers = (name: string, body: string): Promise<true> =>
  world.served(`http://${name}.example.com/`, body);

test('forty-five are served by one load balancer, which is as the class says', async () => {
  const sound = all.filter(({ wrong }) => !wrong);
  assert.equal(sound.length, 45);
  for (const { namespace, index } of sound) await answers(`${namespace}-${index}`, `from-${namespace}`);
  const balancers = [...world.box.aws.state.loadBalancers.values()];
  assert.deepEqual(
    balancers.map(({ Scheme }) => Scheme),
    ['internal'],
  );
  const client = new ElasticLoadBalancingV2Client(world.sdk);
  const { Attributes = [] } = await client.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: balancers[0]?.LoadBalancerArn }),
  );
  client.destroy();
  assert.equal(Attributes.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')?.Value, '77');
});

test('five are told why, on their own objects', async () => {
  for (const [at, { reason }] of WRONG.entries())
    await world.until(`${reason} on team-${at}/web-4`, async () => {
      const text = await world.kubectl([
        ...['get', 'events', '-n', `team-${at}`, '-o', 'jsonpath={.items[*].reason}'],
        ...['--field-selector', 'involvedObject.name=web-4,type=Warning'],
      ]);
      return text.split(' ').includes(reason);
    });
});
