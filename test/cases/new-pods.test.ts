/** Which new Pods get a readiness gate: those that an Ingress of ours reaches by their address. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { ANY_GATE } from '../../src/core/model/readiness-gate.ts';
import { gateFor, type NewPod } from '../../src/core/translate/gate-injection.ts';

const SCOPE = { ingressClass: 'alb', namespaces: [] };
const TYPE = 'alb.ingress.kubernetes.io/target-type';

const cluster = (of: {
  readonly ingress?: object;
  readonly service?: object;
  readonly selector?: object;
  readonly className?: string;
  readonly backend?: string;
}) =>
  snapshotFromObjects([
    { kind: 'IngressClass', metadata: { name: 'alb' }, spec: { controller: 'ingress.k8s.aws/alb' } },
    { kind: 'IngressClass', metadata: { name: 'other' }, spec: { controller: 'example.com/other' } },
    {
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', annotations: of.service ?? {} },
      spec: { selector: of.selector ?? { app: 'web' }, ports: [{ port: 80 }] },
    },
    {
      kind: 'Ingress',
      metadata: { name: 'web', namespace: 'shop', annotations: of.ingress ?? { [TYPE]: 'ip' } },
      spec: {
        ingressClassName: of.className ?? 'alb',
        rules: [
          {
            http: { paths: [{ backend: { service: { name: of.backend ?? 'web', port: { number: 80 } } } }] },
          },
        ],
      },
    },
  ] as unknown as readonly AnyObject[]);

const POD: NewPod = { namespace: 'shop', labels: { app: 'web', tier: 'front' }, gates: [] };

const ROWS: readonly (readonly [string, Parameters<typeof cluster>[0], Partial<NewPod>, boolean])[] = [
  ['one behind an Ingress with target type ip', {}, {}, true],
  ['one whose Service says so', { ingress: {}, service: { [TYPE]: 'ip' } }, {}, true],
  ['one whose Service says otherwise', { service: { [TYPE]: 'instance' } }, {}, false],
  ['one behind node ports', { ingress: {} }, {}, false],
  ['one of another namespace', {}, { namespace: 'blog' }, false],
  ['one with another label', {}, { labels: { app: 'api' } }, false],
  ['one with only some of the labels', { selector: { app: 'web', tier: 'back' } }, {}, false],
  ['any where the Service selects none', { selector: {} }, {}, false],
  ['one behind a Service that is not there', { backend: 'gone' }, {}, false],
  ['one behind an Ingress of another controller', { className: 'other' }, {}, false],
  ['one that waits for a target group already', {}, { gates: [`target-health.elbv2.k8s.aws/k8s-x`] }, false],
  ['one with a gate of its own', {}, { gates: ['example.com/warm'] }, true],
];

for (const [what, of, pod, gets] of ROWS)
  test(`${what} gets ${gets ? 'a' : 'no'} gate`, () => {
    assert.equal(gateFor({ ...POD, ...pod }, cluster(of), SCOPE), gets ? ANY_GATE : undefined);
  });
