/**
 * The end-to-end scenarios that LBC v3.5 has for Ingresses, in its order, each on the sandbox: run here, or proven
 * elsewhere, or a reason why not.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AnnotationName } from '../../src/core/annotations/table.ts';
import { type Eyes, openEyes } from './annotation-eyes.ts';
import { type Ask, askThrough } from './annotation-requests.ts';
import { scenarioObjects } from './lbc-scenario-objects.ts';
import { INGRESS_CLASS } from './manifests.ts';
import { asText, hello, ingressOf, type Site } from './site-manifests.ts';
import { startWorld, type World } from './world.ts';

type Scene = { readonly world: World; readonly eyes: Eyes; readonly ask: Ask };

type Scenario = {
  readonly is: string;
} & (
  | { readonly run: (scene: Scene) => Promise<unknown>; readonly gives: unknown }
  /** Proven by annotations.test.ts. */
  | { readonly annotation: AnnotationName }
  | { readonly file: string; readonly test: string }
  | { readonly not: string }
);

/** Type of the targets, and the answer. */
const serves = (name: string) => ({
  run: async ({ eyes, ask }: Scene) => [
    (await eyes.stack(`web/${name}`)).groups[0]?.TargetType,
    (await ask(`http://${name}.example.com/`)).status,
  ],
});

/** How many things anybody made for it. */
const ignored = (name: string) => ({
  run: async ({ world }: Scene) => {
    await world.quiet();
    const about = world.box.aws.journal.filter(
      ({ writes, input }) => writes && JSON.stringify(input).includes(name),
    );
    const field = 'jsonpath={.status.loadBalancer.ingress}{.metadata.finalizers}';
    return [about.length, await world.kubectl(['get', 'ingress', name, '-n', 'web', '-o', field])];
  },
  gives: [0, ''],
});

const pathsOf = async ({ ask }: Scene, site: string, paths: readonly string[]) =>
  Promise.all(paths.map(async (path) => (await ask(`http://${site}.example.com${path}`)).status));

const SCENARIOS: readonly Scenario[] = [
  { is: 'class alb, target type ip', ...serves('ip'), gives: ['ip', 200] },
  { is: 'class alb, target type instance', ...serves('instance'), gives: ['instance', 200] },
  { is: 'class by annotation, target type ip', ...serves('legacy-ip'), gives: ['ip', 200] },
  { is: 'class by annotation, target type instance', ...serves('legacy-instance'), gives: ['instance', 200] },
  { is: 'another class', ...ignored('of-nginx') },
  { is: 'another class by annotation', ...ignored('of-nginx-too') },
  { is: 'no class', ...ignored('of-nobody') },
  { is: 'a name for the load balancer', annotation: 'load-balancer-name' },
  { is: 'ip targets by the name of their port', ...serves('named'), gives: ['ip', 200] },
  {
    is: 'the same from EndpointSlices',
    // There is no other source: EndpointSlices are all that is read.
    ...serves('named'),
    gives: ['ip', 200],
  },
  {
    is: 'actions: fixed response, forward, weighted forward, redirect',
    run: (scene) => pathsOf(scene, 'actions', ['/broken', '/one', '/two', '/away']),
    gives: [503, 200, 200, 302],
  },
  {
    is: 'conditions on host, path, header, query, method and source',
    run: async (scene) => {
      const site = 'http://conditions.example.com';
      const asked = [
        scene.ask(`${site}/host`, { headers: { host: 'too.example.com' } }),
        scene.ask(`${site}/path-too`),
        scene.ask(`${site}/header`, { headers: { 'x-a': 'abc' } }),
        scene.ask(`${site}/query?a=b`),
        scene.ask(`${site}/method`, { body: 'x' }),
        scene.ask(`${site}/source`),
      ];
      const met = (await Promise.all(asked)).map(({ body }) => body);
      return [met, await pathsOf(scene, 'conditions', ['/header', '/query', '/method', '/nowhere'])];
    },
    gives: [
      ['host', 'path', 'header', 'query', 'method', 'source'],
      [404, 404, 404, 404],
    ],
  },
  { is: 'address type', annotation: 'ip-address-type' },
  { is: 'attributes of a listener', annotation: 'listener-attributes.*' },
  { is: 'tags of the load balancer', annotation: 'tags' },
  { is: 'a network load balancer in front routes traffic', annotation: 'enable-frontend-nlb' },
  {
    is: 'an Ingress that comes later and sorts first has its rule first',
    run: async (scene) => {
      const site: Site = {
        host: 'order.example.com',
        annotations: { 'group.name': 'order', 'group.order': '-1', 'actions.first': hello('first') },
        paths: [['/', 'first', 'use-annotation']],
      };
      await scene.world.kubectl(['apply', '-f', '-'], asText([ingressOf('first', site)]));
      const { body } = await scene.ask('http://order.example.com/');
      const { rules } = await scene.eyes.stack('order');
      return [rules.map(({ Actions }) => Actions?.[0]?.Type), body];
    },
    gives: [['fixed-response'], 'first'],
  },
  { is: 'tokens are validated', annotation: 'jwt-validation' },
  { is: 'a certificate that Amazon issues', annotation: 'create-acm-cert' },
  {
    is: 'the same for a wildcard',
    run: async ({ ask, eyes }) => {
      const { listeners } = await eyes.stack('web/wildcard');
      const [certificate] = listeners.find(({ Port }) => Port === 443)?.Certificates ?? [];
      const { DomainName } = await eyes.certificate(certificate?.CertificateArn);
      return [DomainName, (await ask('https://any.wild.example.com/')).status];
    },
    gives: ['*.wild.example.com', 200],
  },
  { is: 'a certificate of a private authority', annotation: 'acm-pca-arn' },
  {
    is: 'several paths to several backends, one with a readiness gate',
    run: async (scene) => {
      const ready =
        'jsonpath={.items[*].status.conditions[?(@.type=="target-health.elbv2.k8s.aws/ingress")].status}';
      const gate = await scene.world.kubectl(['get', 'pods', '-n', 'web', '-l', 'app=gated', '-o', ready]);
      return [gate, await pathsOf(scene, 'several', ['/gated', '/echo', '/'])];
    },
    gives: ['True', [200, 200, 404]],
  },
  {
    is: 'a group over namespaces',
    file: 'shared-group.test.ts',
    test: 'forty-five are served by one load balancer, which is as the class says',
  },
  {
    is: 'a target control agent is put into Pods',
    not: 'nothing here changes what runs in a Pod; the agent is a container of the Deployment, as below',
  },
  {
    is: 'a target control agent that stands in the Pod template',
    run: async (scene) => [
      (await scene.eyes.stack('web/agent')).groups[0]?.TargetControlPort,
      (await scene.ask('http://agent.example.com/')).status,
    ],
    gives: [3000, 200],
  },
];

let scene: Scene;

before(async () => {
  const world = await startWorld();
  scene = { world, eyes: openEyes(world.sdk), ask: askThrough(world.box.proxyUrl) };
  await world.kubectl(['apply', '-f', '-'], INGRESS_CLASS + asText(scenarioObjects()));
  world.startController();
});
after(async () => {
  scene?.eyes.close();
  await scene?.world.stop();
});

for (const [index, scenario] of SCENARIOS.entries()) {
  const name = `${index + 1}. ${scenario.is}`;
  if ('not' in scenario) test(name, { skip: scenario.not }, () => undefined);
  else if ('annotation' in scenario) test(`${name}: see annotations.test.ts`, () => undefined);
  else if ('file' in scenario)
    test(`${name}: see ${scenario.file}`, () => {
      assert.ok(
        readFileSync(join(import.meta.dirname, scenario.file), 'utf8').includes(`'${scenario.test}'`),
      );
    });
  else
    test(name, async () => {
      await scene.world.becomes(() => scenario.run(scene), scenario.gives);
    });
}
