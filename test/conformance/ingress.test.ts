/** Whole stacks: what LBC v3.5 makes of a group of Ingresses, ours makes, or compatibility.md says why not. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import type { Snapshot } from '../../src/core/kube/snapshot.ts';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Facts } from '../../src/core/model/facts.ts';
import { type Kind, loadBalancerKey } from '../../src/core/model/key.ts';
import { RESOURCE_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { type Desired, translate } from '../../src/core/translate/translate.ts';
import { actionJson, conditionJson, targetGroupJson } from './lbc-shapes.ts';
import { areThere, explained, type Json, plain, stacks } from './vectors.ts';

const counts = { passed: 0, better: 0, missing: 0 };

const CLASS = {
  kind: 'IngressClass',
  metadata: { name: 'alb' },
  spec: { controller: 'ingress.k8s.aws/alb' },
};

/** Membership is given by the vectors, so every Ingress is of a class of ours. */
const snapshotOf = (objects: readonly Json[]): Snapshot =>
  snapshotFromObjects([
    CLASS,
    ...objects.map((it) =>
      it.kind === 'Ingress'
        ? { ...it, spec: { ...it.spec, ingressClassName: it.spec?.ingressClassName ?? 'alb' } }
        : it,
    ),
  ]);

const factsOf = (environment: Json, snapshot: Snapshot): Facts => {
  const assumed = assumedFacts(snapshot, 'us-west-2');
  const subnets = (environment.discoveredSubnets ?? []).map(({ SubnetId }: Json, index: number) => ({
    ...assumed.subnets[0],
    id: SubnetId,
    zone: `zone-${index}`,
    tags: { 'kubernetes.io/role/elb': '1', 'kubernetes.io/role/internal-elb': '1' },
  }));
  return { ...assumed, vpc: environment.vpcId, ...(subnets.length > 0 && { subnets }) };
};

/** Of a load balancer that exists the vectors tell its scheme and subnets. */
const actualOf = ({ existingLoadBalancers, group }: Json, stack: string): Actual => {
  const found = existingLoadBalancers?.[0]?.loadBalancer;
  if (!found || !group) return NOTHING;
  const key = loadBalancerKey(stack, found.Scheme);
  const spec = {
    name: 'of-the-vector',
    scheme: found.Scheme,
    ipAddressType: 'ipv4',
    subnets: found.AvailabilityZones.map(({ SubnetId }: Json) => SubnetId),
    securityGroups: [],
    attributes: {},
    tags: {},
  } as const;
  return { ...NOTHING, owned: new Map([[key, { kind: 'load-balancer', key, spec }]]) };
};

const made = ({ environment, objects }: Json): Desired => {
  const { id, explicit } = environment.group;
  const stack = explicit ? id.name : `${id.namespace}/${id.name}`;
  const snapshot = snapshotOf(objects);
  const type = environment.flags.defaultTargetType;
  const reachTargets = environment.flags.enableBackendSecurityGroup;
  const defaults = { ...NO_DEFAULTS, settings: { 'target-type': type }, reachTargets };
  return translate({
    stack,
    snapshot,
    ingresses: environment.group.members,
    facts: factsOf(environment, snapshot),
    actual: actualOf(environment, stack),
    cluster: environment.clusterName,
    scope: { ingressClass: 'alb', namespaces: [], defaults },
    dns: false,
  });
};

const of = <K extends Kind>(graph: Graph, kind: K): Resource<K>[] =>
  [...graph.values()].filter((it) => it.kind === kind) as unknown as Resource<K>[];

const idIn = (graph: Graph) => (key: string) => {
  const found = of(graph, 'target-group').find((it) => it.key === key);
  return found?.spec.tags[RESOURCE_TAG] ?? key;
};

/** What both say, in one form. Rules by listener in the order in which they match; the numbers are our business. */
const ours = ({ graph }: Desired): Json => {
  const idOf = idIn(graph);
  const [balancer] = of(graph, 'load-balancer');
  const rules = (port: number): Json[] =>
    of(graph, 'rule')
      .filter((it) => it.spec.listener.endsWith(`:${port}`))
      .sort((a, b) => a.spec.priority - b.spec.priority)
      .map(({ spec }) => ({
        conditions: spec.conditions.map(conditionJson),
        actions: spec.actions.map((it) => actionJson(it, idOf)),
      }));
  return plain({
    loadBalancer: balancer && {
      name: balancer.spec.name,
      scheme: balancer.spec.scheme,
      ipAddressType: balancer.spec.ipAddressType,
      subnets: balancer.spec.subnets,
      securityGroups: balancer.spec.securityGroups.map((it) => (it.startsWith('sg-') ? it : 'managed')),
      attributes: balancer.spec.attributes,
      webAcl: balancer.spec.webAcl,
    },
    securityGroup: of(graph, 'security-group').map(({ spec }) => ({
      name: spec.name,
      description: spec.description,
      inbound: spec.inbound.map((it) => `${it.fromPort} ${it.cidr ?? it.cidr6 ?? it.prefixList}`).sort(),
    })),
    listeners: of(graph, 'listener')
      .sort((a, b) => a.spec.port - b.spec.port)
      .map(({ spec }) => ({
        port: spec.port,
        protocol: spec.protocol,
        certificates: spec.certificates.length,
        sslPolicy: spec.sslPolicy || undefined,
        defaultActions: spec.defaultActions.map((it) => actionJson(it, idOf)),
        rules: rules(spec.port),
      })),
    targetGroups: Object.fromEntries(
      of(graph, 'target-group').map((it) => [it.spec.tags[RESOURCE_TAG], targetGroupJson(it)]),
    ),
  });
};

const refs = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(refs);
  if (typeof value !== 'object' || value === null) return value;
  const ref = value.$ref as string | undefined;
  if (ref !== undefined)
    return ref.includes('/TargetGroup/') || ref.includes('::TargetGroup/')
      ? ref.replace(/^.*::TargetGroup\//, '').replace(/\/status\/.*$/, '')
      : 'managed';
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, refs(member)]));
};

const specs = (resources: Json, type: string): [string, Json][] =>
  Object.entries(resources[type] ?? {}).map(([id, it]) => [id, refs((it as Json).spec)]);

const theirs = ({ expected: { resources }, environment }: Json): Json => {
  const [balancer] = specs(resources, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const lb = balancer?.[1];
  const rules = specs(resources, 'AWS::ElasticLoadBalancingV2::ListenerRule');
  const [acl] = specs(resources, 'AWS::WAFv2::WebACLAssociation');
  const inbound = (it: Json): string[] =>
    [
      ...(it.ipRanges ?? []).map(({ cidrIP }: Json) => cidrIP),
      ...(it.ipv6Ranges ?? []).map(({ cidrIPv6 }: Json) => cidrIPv6),
      ...(it.prefixLists ?? []).map(({ listID }: Json) => listID),
    ].map((from) => `${it.fromPort} ${from}`);
  return plain({
    loadBalancer: {
      name: lb.name,
      scheme: lb.scheme,
      ipAddressType: lb.ipAddressType,
      subnets: lb.subnetMapping.map(({ subnetID }: Json) => subnetID),
      // The shared group of LBC: decision 9.
      securityGroups: lb.securityGroups.filter((it: Json) => it !== environment.backendSecurityGroup),
      attributes: Object.fromEntries((lb.loadBalancerAttributes ?? []).map((it: Json) => [it.key, it.value])),
      webAcl: acl?.[1].webACLARN,
    },
    securityGroup: specs(resources, 'AWS::EC2::SecurityGroup').map(([, it]) => ({
      name: it.groupName,
      description: it.description,
      inbound: it.ingress.flatMap(inbound).sort(),
    })),
    listeners: specs(resources, 'AWS::ElasticLoadBalancingV2::Listener')
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([id, it]) => ({
        port: it.port,
        protocol: it.protocol,
        certificates: (it.certificates ?? []).length,
        sslPolicy: it.sslPolicy,
        defaultActions: it.defaultActions,
        rules: rules
          .filter(([rule]) => rule.startsWith(`${id}:`))
          .sort(([, a], [, b]) => a.priority - b.priority)
          .map(([, { conditions, actions }]) => ({ conditions, actions })),
      })),
    targetGroups: Object.fromEntries(specs(resources, 'AWS::ElasticLoadBalancingV2::TargetGroup')),
  });
};

const difference = (vector: Json): string | undefined => {
  const desired = made(vector);
  if (vector.expectedError) return desired.problems.length > 0 ? undefined : 'no problem was reported';
  try {
    assert.deepEqual(ours(desired), theirs(vector));
    return undefined;
  } catch (thrown) {
    const told = desired.problems.map(({ message }) => message).join('; ');
    return `${thrown instanceof Error ? thrown.message : thrown}\n${told}`;
  }
};

for (const [name, vector] of areThere ? stacks() : [])
  test(name, () => {
    const id = `ingress/${name}`;
    const standing = explained.get(id);
    const differs = difference(vector);
    if (differs === undefined) {
      assert.equal(standing, undefined, `${id} agrees: take it off docs/reference/compatibility.md`);
      counts.passed++;
    } else {
      assert.ok(standing, `${id}: ${differs}`);
      counts[standing]++;
    }
  });

test('vectors beside the repository', { skip: !areThere && 'no vectors beside the repository' }, () => {
  assert.ok(stacks().length > 0);
});

after(() => {
  if (areThere) console.log(`stacks: ${JSON.stringify(counts)}`);
});
