/** Invalid manifests: one Warning event that names object, field and expectation; everything that serves goes on. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { INGRESS_CLASS, ingress, textServer } from './manifests.ts';
import { type Controller, startWorld, type World } from './world.ts';

let world: World;
let controller: Controller;

const GROUP = { 'group.name': 'shop', scheme: 'internal' };
const good = ingress({ namespace: 'good', name: 'good', annotations: GROUP });

before(async () => {
  world = await startWorld();
  await world.kubectl(
    ['apply', '-f', '-'],
    INGRESS_CLASS +
      textServer('good', 'good', 'i-am-good') +
      textServer('bad', 'bad', 'i-was-bad') +
      textServer('bad', 'hidden', 'hidden', 'ClusterIP') +
      good,
  );
  controller = world.startController();
  await world.served('http://good.example.com/', 'i-am-good');
});
after(() => world.stop());

type KubeEvent = { readonly type: string; readonly reason: string; readonly message: string };

const warnings = async (): Promise<readonly KubeEvent[]> => {
  const text = await world.kubectl([
    'get',
    'events',
    '-n',
    'bad',
    '-o',
    'json',
    '--field-selector',
    'involvedObject.kind=Ingress',
  ]);
  const { items } = JSON.parse(text) as { readonly items: readonly KubeEvent[] };
  return items.filter((it) => it.type === 'Warning');
};

type Case = {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly paths?: readonly (readonly [string, string])[];
  readonly reason: string;
  readonly says: RegExp;
};

const CASES: readonly Case[] = [
  {
    name: 'scheme',
    annotations: { scheme: 'public' },
    reason: 'InvalidAnnotation',
    says: /scheme: expected .*internal.*internet-facing.*"public"/,
  },
  {
    name: 'listen-ports JSON',
    annotations: { 'listen-ports': '[{"HTTP":80' },
    reason: 'InvalidAnnotation',
    says: /listen-ports: expected JSON/,
  },
  {
    name: 'listen port',
    annotations: { 'listen-ports': '[{"HTTP":70000}]' },
    reason: 'InvalidAnnotation',
    says: /listen-ports.*1 to 65535.*70000/,
  },
  {
    name: 'port twice',
    annotations: { 'listen-ports': '[{"HTTP":80},{"HTTPS":80}]' },
    reason: 'InvalidAnnotation',
    says: /listen-ports.*80 is there twice/,
  },
  {
    name: 'health check interval',
    annotations: { 'healthcheck-interval-seconds': '1' },
    reason: 'InvalidAnnotation',
    says: /healthcheck-interval-seconds: expected .*5.*300.*"1"/,
  },
  {
    name: 'timeout above interval',
    annotations: { 'healthcheck-timeout-seconds': '60' },
    reason: 'InvalidAnnotation',
    says: /healthcheck-timeout-seconds: expected less than healthcheck-interval-seconds, which is 15.*"60"/,
  },
  {
    name: 'health check path',
    annotations: { 'healthcheck-path': 'healthz' },
    reason: 'InvalidAnnotation',
    says: /healthcheck-path: expected a path that begins with \//,
  },
  {
    name: 'success codes',
    annotations: { 'success-codes': '2xx' },
    reason: 'InvalidAnnotation',
    says: /success-codes: expected .*200-299.*"2xx"/,
  },
  {
    name: 'target type',
    annotations: { 'target-type': 'pod' },
    reason: 'InvalidAnnotation',
    says: /target-type: expected .*instance.*ip.*"pod"/,
  },
  {
    name: 'backend protocol',
    annotations: { 'backend-protocol': 'TCP' },
    reason: 'InvalidAnnotation',
    says: /backend-protocol: expected .*HTTP.*"TCP"/,
  },
  {
    name: 'tag without value',
    annotations: { tags: 'team' },
    reason: 'InvalidAnnotation',
    says: /tags: expected .*=.*"team"/,
  },
  {
    name: 'inbound CIDR',
    annotations: { 'inbound-cidrs': '10.0.0.1' },
    reason: 'InvalidAnnotation',
    says: /inbound-cidrs: expected .*10\.0\.0\.0\/8.*10\.0\.0\.1/,
  },
  {
    name: 'group order',
    annotations: { 'group.order': '9999' },
    reason: 'InvalidAnnotation',
    says: /group\.order: expected .*-1000.*1000.*"9999"/,
  },
  {
    name: 'load balancer attribute',
    annotations: { 'load-balancer-attributes': 'idle_timeout.timeout_seconds=0' },
    reason: 'InvalidAnnotation',
    says: /idle_timeout\.timeout_seconds.*expected .*4000/,
  },
  {
    name: 'unknown attribute',
    annotations: { 'target-group-attributes': 'stickyness.enabled=true' },
    reason: 'InvalidAnnotation',
    says: /target-group-attributes.*stickiness\.enabled/,
  },
  {
    name: 'ssl policy',
    annotations: { 'ssl-policy': 'TLS13' },
    reason: 'InvalidAnnotation',
    says: /ssl-policy: expected .*ELBSecurityPolicy/,
  },
  {
    name: 'certificate',
    annotations: { 'certificate-arn': 'www.example.com' },
    reason: 'InvalidAnnotation',
    says: /certificate-arn: expected .*arn:/i,
  },
  {
    name: 'typing mistake',
    annotations: { shceme: 'internal' },
    reason: 'UnknownAnnotation',
    says: /shceme: is not a known annotation.*Did you mean .*scheme\?/,
  },
  {
    name: 'ClusterIP Service',
    paths: [['/', 'hidden']],
    reason: 'InvalidBackend',
    says: /Service bad\/hidden is of type ClusterIP.*expected type NodePort.*target-type: ip/,
  },
  {
    name: 'Service port',
    paths: [['/', 'absent']],
    reason: 'ServiceMissing',
    says: /spec\.rules\[0\].*Service bad\/absent does not exist/,
  },
  {
    name: 'wildcard in a Prefix path',
    paths: [['/a*', 'bad']],
    reason: 'InvalidPath',
    says: /spec\.rules\[0\].*path \/a\* .*pathType Prefix.*ImplementationSpecific/,
  },
  {
    name: 'action JSON',
    annotations: { 'actions.go': '{"type":"redirect"}' },
    paths: [['/', 'bad']],
    reason: 'InvalidAnnotation',
    says: /actions\.go.*redirectConfig/,
  },
];

for (const { name, annotations = {}, paths, reason, says } of CASES)
  test(`${name}: one Warning, and the neighbour and what served go on`, async () => {
    const bad = (extra: Readonly<Record<string, string>>, to = paths) =>
      ingress({
        namespace: 'bad',
        name: 'bad',
        annotations: { ...GROUP, ...extra },
        ...(to && { paths: to }),
      });
    await world.kubectl(['apply', '-f', '-'], bad({}, [['/', 'bad']]));
    await world.served('http://bad.example.com/', 'i-was-bad');
    await world.kubectl(['delete', 'events', '--all', '-n', 'bad']);
    await world.kubectl(['apply', '-f', '-'], bad(annotations));
    const [warning] = await world.until('a warning', async () => {
      const found = await warnings();
      return found.length > 0 && found;
    });
    assert.equal(warning?.reason, reason);
    assert.match(warning?.message ?? '', says);
    await world.quiet();
    assert.equal((await warnings()).length, 1, JSON.stringify(await warnings()));
    // Events are forgotten after an hour; the log keeps each of them.
    const logged = controller.log.filter((line) => line.message === 'told').at(-1);
    assert.deepEqual([logged?.ingress, logged?.reason, logged?.text], ['bad/bad', reason, warning?.message]);
    assert.equal((await world.get('http://good.example.com/')).status, 200);
    if (reason !== 'ServiceMissing') assert.equal((await world.get('http://bad.example.com/')).status, 200);
    // Repaired without a restart.
    await world.kubectl(['apply', '-f', '-'], bad({}, [['/', 'bad']]));
    await world.served('http://bad.example.com/', 'i-was-bad');
    assert.ok(controller.process.exitCode === null);
  });
