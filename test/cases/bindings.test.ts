/** Decisions about TargetGroupBindings: whose a target group is, which targets come and go, what is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideBinding, targetsToLeave } from '../../src/core/bindings/decide.ts';
import type { BoundGroup } from '../../src/core/bindings/group.ts';
import { madeByLbcFor, REGISTERED } from '../../src/core/bindings/labels.ts';
import { selects } from '../../src/core/bindings/node-selector.ts';
import { readBinding } from '../../src/core/bindings/read-binding.ts';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import type { TargetGroupBinding } from '../../src/core/kube/objects.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/0123456789abcdef';

type Given = {
  readonly name?: string;
  readonly born?: string;
  readonly note?: string;
  readonly leaving?: true;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
};

const binding = ({ name = 'web', born = '2026-01-01', note, leaving, labels, spec = {} }: Given = {}) =>
  ({
    kind: 'TargetGroupBinding',
    metadata: {
      name,
      namespace: 'shop',
      creationTimestamp: `${born}T00:00:00Z`,
      ...(leaving && { deletionTimestamp: '2026-02-01T00:00:00Z' }),
      ...(labels && { labels }),
      ...(note !== undefined && { annotations: { [REGISTERED]: note } }),
    },
    spec: { targetGroupARN: ARN, targetType: 'ip', serviceRef: { name: 'web', port: 80 }, ...spec },
  }) satisfies TargetGroupBinding & AnyObject;

const target = (text: string) => {
  const [id = '', port = '0'] = text.split(':');
  return { id, port: Number(port) };
};

const group = (given: Partial<BoundGroup> = {}, ...targets: readonly string[]): BoundGroup => ({
  arn: ARN,
  name: 'blue',
  targetType: 'ip',
  protocol: 'HTTP',
  ipAddressType: 'ipv4',
  vpc: 'vpc-assumed',
  tags: {},
  targets: targets.map(target),
  ...given,
});

const SERVICE = {
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { ports: [{ port: 80, targetPort: 8080 }] },
};
const slice = (...addresses: readonly string[]) => ({
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [{ port: 8080 }],
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
});

const inputOf = (mine: TargetGroupBinding, found: BoundGroup, objects: readonly AnyObject[]) => {
  const read = readBinding(mine);
  assert.ok('spec' in read, 'wrong' in read ? read.wrong : '');
  const snapshot = snapshotFromObjects([...objects, mine as AnyObject]);
  const facts = assumedFacts(snapshot, 'eu-west-1');
  return { binding: mine, spec: read.spec, group: found, snapshot, facts, cluster: 'dev' };
};

const texts = (targets: readonly { readonly id: string; readonly port: number }[]): readonly string[] =>
  targets.map(({ id, port }) => `${id}:${port}`);

const decided = (mine: TargetGroupBinding, found: BoundGroup, ...objects: readonly AnyObject[]) => {
  const { problems, register, deregister, note } = decideBinding(inputOf(mine, found, objects));
  return {
    told: problems.map(({ code }) => code),
    register: texts(register),
    deregister: texts(deregister),
    ...(note !== undefined && { note }),
  };
};

const PODS = slice('10.0.0.1', '10.0.0.2');
const NOTHING = { register: [], deregister: [] };

test('a group of one binding gets its pods and loses everything else', () => {
  assert.deepEqual(decided(binding(), group({}, '10.0.0.2:8080', '10.0.0.9:8080'), SERVICE, PODS), {
    told: [],
    register: ['10.0.0.1:8080'],
    deregister: ['10.0.0.9:8080'],
  });
});

test('a shared group loses what the binding has noted, but not what another of the cluster noted, too', () => {
  const shared = { spec: { multiClusterTargetGroup: true } };
  const found = group({}, '10.0.0.2:8080', '10.0.0.8:8080', '10.0.0.9:8080', '10.1.0.1:80');
  const mine = binding({ ...shared, note: '10.0.0.2:8080,10.0.0.8:8080,10.0.0.9:8080' });
  const other = binding({ ...shared, name: 'other', note: '10.0.0.8:8080' });
  assert.deepEqual(decided(mine, found, SERVICE, PODS, other), {
    told: [],
    register: ['10.0.0.1:8080'],
    deregister: ['10.0.0.9:8080'],
    note: '10.0.0.1:8080,10.0.0.2:8080',
  });
  const leaving = targetsToLeave(inputOf(mine, found, [SERVICE, PODS, other]));
  assert.deepEqual(texts(leaving), ['10.0.0.2:8080', '10.0.0.9:8080']);
});

test('the older binding has a group; one that is leaving or was made by LBC does not count', () => {
  const found = group({}, '10.0.0.1:8080', '10.0.0.2:8080');
  const mine = binding({ born: '2026-01-02' });
  const taken = { told: ['TargetGroupTaken'], ...NOTHING };
  assert.deepEqual(decided(mine, found, SERVICE, PODS, binding({ name: 'older' })), taken);
  const byName = binding({ name: 'older', spec: { targetGroupARN: null, targetGroupName: 'blue' } });
  assert.deepEqual(decided(mine, found, SERVICE, PODS, byName), taken);
  const elsewhere = binding({
    name: 'older',
    spec: {
      targetGroupARN: null,
      targetGroupName: 'blue',
      iamRoleArnToAssume: 'arn:aws:iam::222222222222:role/register',
    },
  });
  const younger = binding({ name: 'younger', born: '2026-01-03' });
  const leaving = binding({ name: 'older', leaving: true });
  const ofLbc = binding({ name: 'older', labels: { 'ingress.k8s.aws/stack': 'front' } });
  for (const other of [elsewhere, younger, leaving, ofLbc])
    assert.deepEqual(decided(mine, found, SERVICE, PODS, other), { told: [], ...NOTHING });
  // Who goes leaves the targets to whom comes next.
  assert.deepEqual(targetsToLeave(inputOf(binding({ leaving: true }), found, [younger])), []);
  assert.deepEqual(texts(targetsToLeave(inputOf(binding(), found, []))), ['10.0.0.1:8080', '10.0.0.2:8080']);
});

test('a Service that is gone empties the group, a port that is wrong leaves it as it is', () => {
  const found = group({}, '10.0.0.1:8080');
  assert.deepEqual(decided(binding(), found), {
    told: ['ServiceMissing'],
    register: [],
    deregister: ['10.0.0.1:8080'],
  });
  const wrong = binding({ spec: { serviceRef: { name: 'web', port: 81 } } });
  assert.deepEqual(decided(wrong, found, SERVICE, PODS), { told: ['InvalidBinding'], ...NOTHING });
});

test('a group of an Ingress is the Ingress’s; one of another cluster has to be shared', () => {
  const tags = (cluster: string) => ({
    'elbv2.k8s.aws/cluster': cluster,
    'ingress.k8s.aws/stack': 'shop/web',
  });
  const shared = binding({ spec: { multiClusterTargetGroup: true } });
  const told = (mine: TargetGroupBinding, cluster: string) =>
    decided(mine, group({ tags: tags(cluster) }), SERVICE, PODS).told;
  assert.deepEqual(told(shared, 'dev'), ['TargetGroupTaken']);
  assert.deepEqual(told(binding(), 'other'), ['TargetGroupTaken']);
  assert.deepEqual(told(shared, 'other'), []);
  const theirs = inputOf(binding(), group({ tags: tags('dev') }, '10.0.0.1:8080'), []);
  assert.deepEqual(targetsToLeave(theirs), []);
});

test('addresses outside the VPC of the group get the zone that AWS asks for; instances cannot', () => {
  const far = group({ vpc: 'vpc-else' });
  const { register } = decideBinding(inputOf(binding(), far, [SERVICE, PODS]));
  assert.deepEqual(
    register.map(({ zone }) => zone),
    ['all', 'all'],
  );
  const nodes = binding({ spec: { targetType: 'instance' } });
  const told = decided(nodes, { ...far, targetType: 'instance' }, SERVICE, PODS).told;
  assert.deepEqual(told, ['TargetGroupMismatch']);
});

test('networking makes no rules, and registers all the same', () => {
  const asks = binding({
    spec: { networking: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
  });
  const { told, register } = decided(asks, group(), SERVICE, PODS);
  assert.deepEqual([told, register.length], [['NetworkingLeft'], 2]);
});

test('what a field may say, and fields together', () => {
  const wrong = (spec: Readonly<Record<string, unknown>>): string => {
    const read = readBinding(binding({ spec }));
    return 'wrong' in read ? read.wrong : '';
  };
  assert.match(wrong({ targetGroupARN: null }), /spec.targetGroupARN: expected an ARN here, or a name/);
  assert.match(wrong({ targetGroupName: 'green' }), /spec.targetGroupName: expected the name in spec.target/);
  assert.match(wrong({ serviceRef: { name: 'web' } }), /spec.serviceRef.port: expected a port/);
  assert.match(wrong({ targetType: 'lambda' }), /spec.targetType: expected one of instance, ip, got lambda/);
  assert.match(wrong({ nodeSelector: {} }), /spec.nodeSelector: expected none/);
  assert.match(wrong({ assumeRoleExternalId: 'id' }), /spec.iamRoleArnToAssume: expected a role/);
  assert.match(wrong({ iamRoleArnToAssume: 'register' }), /expected the ARN of an IAM role/);
  const role = 'arn:aws:iam::222222222222:role/register';
  assert.match(wrong({ targetType: 'instance', iamRoleArnToAssume: role }), /spec.targetType: expected ip/);
  assert.equal(wrong({ targetGroupName: 'blue', iamRoleArnToAssume: role }), '');
});

test('selectors of nodes choose as Kubernetes does', () => {
  const node = { metadata: { name: 'a', labels: { pool: 'web' } } };
  const by = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', key: string, values?: string[]) =>
    selects({ matchExpressions: [{ key, operator, ...(values && { values }) }] }, node);
  assert.deepEqual(
    [by('In', 'pool', ['web']), by('In', 'pool', ['db']), by('In', 'zone', ['a'])],
    [true, false, false],
  );
  assert.deepEqual([by('NotIn', 'pool', ['web']), by('NotIn', 'zone', ['a'])], [false, true]);
  assert.deepEqual([by('Exists', 'pool'), by('DoesNotExist', 'pool')], [true, false]);
  assert.deepEqual([selects({}, node), selects({ matchLabels: { pool: 'db' } }, node)], [true, false]);
});

test('bindings that LBC made by itself are known by their labels', () => {
  const of = (labels: Readonly<Record<string, string>>) => madeByLbcFor(binding({ labels }));
  assert.equal(of({ 'ingress.k8s.aws/stack': 'front' }), 'ingress');
  assert.equal(of({ 'ingress.k8s.aws/stack-namespace': 'a', 'ingress.k8s.aws/stack-name': 'b' }), 'ingress');
  assert.equal(of({ 'service.k8s.aws/stack-name': 'b' }), 'other');
  assert.equal(of({ 'gateway.k8s.aws.alb/stack-name': 'b' }), 'other');
  assert.equal(of({ app: 'web' }), undefined);
});

test('a target group of IPv6 addresses gets the Pods of that family, and no others', () => {
  const six = {
    ...slice('2600:1f1c::a'),
    metadata: { name: 'web-6', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv6',
  };
  const found = group({ ipAddressType: 'ipv6' });
  const { told, register } = decided(
    binding({ spec: { ipAddressType: 'ipv6' } }),
    found,
    SERVICE,
    slice('10.0.0.1'),
    six,
  );
  assert.deepEqual(told, []);
  assert.deepEqual(register, ['2600:1f1c::a:8080']);
});
