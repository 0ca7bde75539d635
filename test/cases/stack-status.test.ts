/** What the object beside a load balancer says, from one pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Facts } from '../../src/core/model/facts.ts';
import { type PlannedStack, planStack } from '../../src/core/plan/plan-stack.ts';
import { afterPlan } from '../../src/core/plan/simulate.ts';
import {
  type ConditionType,
  type Ended,
  type StatusInput,
  stackStatus,
} from '../../src/core/status/stack-status.ts';
import { nextStatus, statusName } from '../../src/core/status/status-object.ts';
import { WEB_SERVICE } from './web-service.ts';

const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/11111111-1111-1111-1111-111111111111';

const manifests = (more = '', annotations = ''): string => `${WEB_SERVICE}
kind: Ingress
metadata:
  name: web
  namespace: shop
  generation: 7
  annotations: { alb.ingress.kubernetes.io/certificate-arn: "${CERTIFICATE}"${annotations} }
spec:
  ingressClassName: alb
  rules:
    - host: www.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
${more}`;

const planned = (
  text: string,
  change: (facts: Facts) => Facts = (it) => it,
  stack = 'shop/web',
  ingresses: readonly string[] = ['shop/web'],
): PlannedStack => {
  const snapshot = snapshotFromObjects(parseAllDocuments(text).map((it) => it.toJS() as AnyObject));
  const facts = change(assumedFacts(snapshot, 'eu-west-1'));
  const scope = { ingressClass: 'alb', namespaces: [] };
  const input = { stack, ingresses, snapshot, facts, actual: NOTHING };
  return planStack(
    { ...input, cluster: 'dev', dns: true, scope },
    { loadBalancer: 0, targetGroup: 0, certificate: 0 },
  );
};

/** A pass in which every operation ended as `end` says. */
const passed = (of: PlannedStack, end: (ended: Ended) => Ended = (it) => it): StatusInput => {
  const outcomes = of.plan.operations.map((operation) => end({ operation, result: { status: 'done' } }));
  const done = outcomes.flatMap(({ operation, result }) => (result.status === 'done' ? [operation] : []));
  const after: Actual = {
    ...afterPlan(NOTHING, done),
    loadBalancers: new Map([
      ['load-balancer/shop/web~internal', { dnsName: 'K8s-Web.elb', hostedZoneId: 'Z', state: 'active' }],
    ]),
  };
  return { ingresses: new Map([['shop/web', 7]]), planned: of, after, outcomes, drift: [] };
};

const states = (input: StatusInput): Readonly<Record<ConditionType, string>> =>
  Object.fromEntries(
    stackStatus(input).conditions.map((it) => [it.type, `${it.status} ${it.reason}`]),
  ) as Record<ConditionType, string>;

const WELL = {
  Ready: 'True Ready',
  Accepted: 'True Accepted',
  Programmed: 'True Programmed',
  DNSReady: 'True Ready',
  CertReady: 'True Ready',
  Degraded: 'False Healthy',
  Drifted: 'False AsWanted',
};

test('all is well: every condition says so, the member with its generation', () => {
  const input = passed(planned(manifests()));
  assert.deepEqual(states(input), WELL);
  const { hostname, members } = stackStatus(input);
  assert.equal(hostname, 'k8s-web.elb');
  assert.deepEqual(members, [{ ingress: 'shop/web', observedGeneration: 7, accepted: true }]);
});

test('an annotation that cannot be used: not accepted, and Ready gives its code', () => {
  const input = passed(planned(manifests('', ', alb.ingress.kubernetes.io/scheme: sideways')));
  const said = states(input);
  assert.equal(said.Accepted, 'False InvalidAnnotation');
  assert.equal(said.Ready, 'False InvalidAnnotation');
  const [member] = stackStatus(input).members;
  assert.equal(member?.accepted, false);
  assert.match(member?.message ?? '', /scheme/);
});

test('each member of a group is told for itself', () => {
  const front = {
    metadata: { namespace: 'shop', annotations: { 'alb.ingress.kubernetes.io/group.name': 'front' } },
  };
  const member = (name: string, more: object = {}): string =>
    JSON.stringify({
      kind: 'Ingress',
      metadata: { ...front.metadata, name, annotations: { ...front.metadata.annotations, ...more } },
      spec: {
        ingressClassName: 'alb',
        rules: [
          {
            host: `${name}.example.com`,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    });
  const odd = member('odd', { 'alb.ingress.kubernetes.io/scheme': 'sideways' });
  const text = [WEB_SERVICE, member('a'), '---', member('b'), '---', odd].join('\n');
  const of = planned(text, undefined, 'front', ['shop/a', 'shop/b', 'shop/odd']);
  const names = ['shop/odd', 'shop/b', 'shop/a', 'shop/gone'];
  const { members } = stackStatus({ ...passed(of), ingresses: new Map(names.map((name) => [name, 1])) });
  assert.deepEqual(
    members.map(({ ingress, accepted, message }) => [ingress, accepted, message?.split(':')[0]]),
    [
      ['shop/a', true, undefined],
      ['shop/b', true, undefined],
      ['shop/gone', false, undefined],
      ['shop/odd', false, 'InvalidAnnotation'],
    ],
  );
});

test('an unknown annotation is no reason not to be ready', () => {
  assert.deepEqual(
    states(passed(planned(manifests('', ', alb.ingress.kubernetes.io/shceme: internal')))),
    WELL,
  );
});

test('no zone for the host: DNSReady alone is false, and with it Ready', () => {
  const said = states(passed(planned(manifests(), (facts) => ({ ...facts, zones: [] }))));
  assert.deepEqual(said, { ...WELL, DNSReady: 'False HostedZoneMissing', Ready: 'False HostedZoneMissing' });
});

test('a certificate that is not there: CertReady is false', () => {
  const said = states(passed(planned(manifests(), (facts) => ({ ...facts, certificates: [] }))));
  assert.equal(said.CertReady, 'False CertificateUnusable');
});

test('a certificate that ACM has not issued yet: CertReady waits, and nobody has said anything wrong', () => {
  const text = manifests().replace(/certificate-arn: "[^"]+"/, 'create-acm-cert: "true"');
  const said = states(passed(planned(text)));
  assert.deepEqual([said.Accepted, said.CertReady], ['True Accepted', 'False CertificatePending']);
  assert.equal(said.Ready, said.CertReady);
});

test('a refused call: not programmed, degraded; a record that waits: DNS is not ready', () => {
  const refused = passed(planned(manifests()), (ended) =>
    ended.operation.key.startsWith('rule/')
      ? { ...ended, result: { status: 'failed', code: 'TooManyRules', message: 'no room' } }
      : ended.operation.key.startsWith('dns-record/')
        ? { ...ended, result: { status: 'skipped', why: 'the rule failed' } }
        : ended,
  );
  const said = states(refused);
  assert.equal(said.Programmed, 'False AwsRefused');
  assert.equal(said.Degraded, 'True AwsRefused');
  assert.equal(said.DNSReady, 'False Pending');
  assert.equal(said.Ready, 'False AwsRefused');
});

test('drift that was put right is told and is no fault; drift that stays is', () => {
  const input = passed(planned(manifests()));
  const key = 'listener/shop/web~internal:443' as const;
  assert.equal(states({ ...input, drift: [key] }).Drifted, 'False Repaired');
  const open = passed(planned(manifests()), (ended) =>
    ended.operation.key === key ? { ...ended, result: { status: 'wait', why: 'busy' } } : ended,
  );
  assert.equal(states({ ...open, drift: [key] }).Drifted, 'True NotYetRepaired');
});

test('a condition keeps its time while its status is the same, and nothing new is nothing to write', () => {
  const well = stackStatus(passed(planned(manifests())));
  const first = nextStatus(undefined, well, { time: 'T1', observedGeneration: 1 });
  assert.equal(nextStatus(first, well, { time: 'T2', observedGeneration: 1 }), undefined);
  const ill = stackStatus(passed(planned(manifests(), (facts) => ({ ...facts, zones: [] }))));
  const next = nextStatus(first, ill, { time: 'T2', observedGeneration: 1 });
  const times = Object.fromEntries(next?.conditions.map((it) => [it.type, it.lastTransitionTime]) ?? []);
  assert.equal(times.DNSReady, 'T2');
  assert.equal(times.CertReady, 'T1');
});

test('no two stacks have one name, and no name is too long', () => {
  assert.equal(statusName('shop/web'), 'shop.web.ingress');
  assert.equal(statusName('shop.web'), 'shop.web.group');
  const long = statusName(`${'n'.repeat(63)}/${'i'.repeat(250)}`);
  assert.equal(long.length, 253);
  assert.notEqual(long, statusName(`${'n'.repeat(63)}/${'i'.repeat(249)}`));
});
