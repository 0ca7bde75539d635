/** The comparison after a test run, with runs made up for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, type Recorded } from './compare.ts';
import { permitted } from './permitted.ts';

const PERMITTED = { aws: ['ec2:DescribeVpcs', 'ec2:CreateTags'], kubernetes: ['list /services'] };
const FILES = ['/a.test.ts', '/b.test.ts'];

const ran = (file: string, more: Partial<Recorded> = {}): Recorded => ({
  file,
  whole: true,
  aws: [],
  kubernetes: [],
  untagged: [],
  ...more,
});
const all = [
  ran('/a.test.ts', { aws: ['ec2:DescribeVpcs'] }),
  ran('/b.test.ts', { aws: ['ec2:CreateTags', 'ec2:DescribeVpcs'], kubernetes: ['list /services'] }),
];

test('what is permitted and asked agree over all files together', () => {
  assert.deepEqual(compare(all, PERMITTED, FILES), { wrong: [], unjudged: undefined });
});

test('what is never asked is named', () => {
  const { wrong } = compare(
    all,
    { aws: [...PERMITTED.aws, 'ec2:DeleteTags'], kubernetes: [...PERMITTED.kubernetes, 'get /pods'] },
    FILES,
  );
  assert.deepEqual(wrong, [
    'in src/aws/iam.ts, and never called: ec2:DeleteTags',
    'in a role of the chart, and never asked: get /pods',
  ]);
});

test('what is asked and not permitted is named, of a partial run too', () => {
  const { wrong, unjudged } = compare(
    [ran('/a.test.ts', { aws: ['ec2:RunInstances'], kubernetes: ['get /secrets'] })],
    PERMITTED,
    FILES,
  );
  assert.deepEqual(wrong, [
    'called, and not in src/aws/iam.ts: ec2:RunInstances',
    'asked, and in no role of the chart: get /secrets',
  ]);
  assert.equal(unjudged, '1 of 2 test files left no record');
});

test('a guarded call on what lacks the tag is named', () => {
  const { wrong } = compare(
    [...all, ran('/b.test.ts', { untagged: ['ec2:DeleteTags sg-1'] })],
    PERMITTED,
    FILES,
  );
  assert.deepEqual(wrong, ['the policy would refuse it, for want of the cluster tag: ec2:DeleteTags sg-1']);
});

test('tests left out by options make a run partial', () => {
  const some = [...all.slice(1), ran('/a.test.ts', { whole: false })];
  assert.deepEqual(compare(some, PERMITTED, FILES), { wrong: [], unjudged: 'options left some tests out' });
});

test('policy and roles are read', () => {
  const { aws, kubernetes } = permitted();
  assert.ok(aws.includes('elasticloadbalancing:CreateRule'));
  assert.ok(kubernetes.includes('patch networking.k8s.io/ingresses/status'));
  assert.ok(kubernetes.includes('list /services'));
});
