import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claimByTags,
  loadBalancerName2017,
  made2017,
  serviceOf2017TargetGroup,
  targetGroupName2017,
} from '../../src/core/adopt/claims.ts';

// Golden values: names that the 2017 controller gave.
for (const [namespace, ingress, host, port, balancer, group] of [
  [
    'prd427-prom',
    'alertmanager',
    'alertmanager.prd427.dev.us-east-1.nonprod-tmaws.io',
    31266,
    'dev-616e5271984f508',
    'dev-31266-HTTP-ead8675',
  ],
  [
    'prd280',
    'papi',
    'papi.dev1.us-east-1.nonprod-tmaws.io',
    31665,
    'dev-816657f3e4235f2',
    'dev-31665-HTTP-6e5f021',
  ],
  [
    'echoserver',
    'echoserver',
    'echoserver.example.com',
    31027,
    'dev-d044d10667b39a8',
    'dev-31027-HTTP-552e94b',
  ],
  ['2048-game', 'nginx-ingress', '2048.example.com', 31048, 'dev-1ca2cbd3df3b8c5', 'dev-31048-HTTP-7aac850'],
] as const)
  test(`2017 names of ${ingress}`, () => {
    assert.equal(loadBalancerName2017('dev', namespace, ingress, host), balancer);
    assert.equal(targetGroupName2017('dev', balancer, port, 'HTTP'), group);
    const tags = { Namespace: namespace, IngressName: ingress, Hostname: host };
    const made = { ingress: `${namespace}/${ingress}`, host };
    assert.deepEqual(made2017(balancer, tags, 'dev'), made);
    const ours = { 'elbv2.k8s.aws/cluster': 'dev' };
    assert.deepEqual(made2017(balancer, { ...tags, ...ours }, 'dev'), made, 'after we took it over, too');
    assert.equal(made2017(balancer, { ...tags, 'elbv2.k8s.aws/cluster': 'prod' }, 'dev'), undefined);
    assert.equal(made2017(balancer, tags, 'prod'), undefined);
    assert.equal(made2017(balancer, { ...tags, Hostname: 'other' }, 'dev'), undefined);
    const found = { name: group, port, protocol: 'HTTP', tags: { ...tags, ServiceName: 'svc' } };
    const of = { name: balancer, ingress: made.ingress };
    assert.equal(serviceOf2017TargetGroup(found, of, 'dev'), 'svc');
    assert.equal(serviceOf2017TargetGroup({ ...found, port: 1 }, of, 'dev'), undefined);
    assert.equal(serviceOf2017TargetGroup(found, { ...of, ingress: 'other/one' }, 'dev'), undefined);
  });

test('ownership tags count for their cluster only, and only together', () => {
  const tags = {
    'elbv2.k8s.aws/cluster': 'dev',
    'ingress.k8s.aws/stack': 'ns/web',
    'ingress.k8s.aws/resource': 'LoadBalancer',
  };
  assert.deepEqual(claimByTags(tags, 'dev'), { stack: 'ns/web', resource: 'LoadBalancer' });
  assert.equal(claimByTags(tags, 'prod'), undefined);
  assert.equal(claimByTags({ 'elbv2.k8s.aws/cluster': 'dev' }, 'dev'), undefined);
});
