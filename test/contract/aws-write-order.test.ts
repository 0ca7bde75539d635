/** AWS refuses what is written in the wrong order: each change is carried out without one refused call. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Key, targetGroupKey } from '../../src/core/model/key.ts';
import { ownershipTags, targetGroupResource } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { ruleKey } from '../../src/core/model/rule.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { lastFirst } from '../laws/interleave.ts';
import { CLUSTER, type Sample, STACK, sample, withChange } from './aws-sample.ts';
import { converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let start: Sample;
before(async () => {
  world = await startWorld();
  start = sample(world.fixtures);
});
after(() => world.stop());

const found = <K extends Resource['kind']>(graph: Graph, key: Key<K>): Resource<K> => {
  const it = graph.get(key);
  assert.ok(it, `${key} is in the graph`);
  return it as Resource<K>;
};

/** A twin of the sample's group of addresses with another fixed field, which gives it another key. */
const twin = (change: Partial<Resource<'target-group'>['spec']>): Resource<'target-group'> => {
  const { spec, kind } = found(start.graph, start.addresses);
  const next = { ...spec, name: 'twin', ...change };
  return {
    kind,
    key: targetGroupKey(start.balancer, targetGroupResource(STACK, 'api', '80'), next),
    spec: next,
  };
};

/** The sample with the twin and a rule of the HTTP port that leads to it. */
const leadingTo = (group: Resource<'target-group'>): Graph => {
  const conditions = [{ field: 'path-pattern', values: ['/twin'] }] as const;
  const rule: Resource<'rule'> = {
    kind: 'rule',
    key: ruleKey(start.http, conditions),
    spec: {
      listener: start.http,
      priority: 1,
      conditions,
      actions: [{ type: 'forward', targetGroups: [{ targetGroup: group.key, weight: 1 }] }],
      tags: ownershipTags(CLUSTER, STACK, '80:1'),
    },
  };
  return new Map(start.graph).set(group.key, group).set(rule.key, rule);
};

/** What changes a listener or a load balancer as late as the waits allow. */
const settingsLast = (operations: readonly Operation[]): readonly Operation[] => {
  const isLate = ({ verb, key }: Operation): number =>
    Number(verb === 'update' && /^(listener|load-balancer)\//.test(key));
  return lastFirst(operations.toSorted((a, b) => isLate(b) - isLate(a)));
};

/** Carries out one graph after the other, in whatever order the waits allow; a refused call throws. */
const through = async (...graphs: readonly Graph[]): Promise<void> => {
  for (const ordered of [undefined, lastFirst, settingsLast])
    for (const graph of graphs) {
      await converge(world.connect(), graph, {}, ordered);
      assert.deepEqual(planFor(graph, await look(world.connect(), graph)).operations, []);
    }
};

test('a load balancer becomes dualstack before it leads to IPv6, and ipv4 after it does no more', async () => {
  const targets = [{ id: '2600:1f1c:12:3401::5', port: 8080 }];
  const over6 = leadingTo(twin({ ipAddressType: 'ipv6', targets }));
  const dualstack = withChange(over6, start.balancer, { ipAddressType: 'dualstack' });
  await through(start.graph, dualstack, start.graph);
});

test('a listener becomes HTTPS before it leads to gRPC, and HTTP after it does no more', async () => {
  const { healthCheck } = found(start.graph, start.addresses).spec;
  const grpc = twin({ protocolVersion: 'GRPC', healthCheck: { ...healthCheck, codes: '12' } });
  const { certificates, sslPolicy } = found(start.graph, start.https).spec;
  const secured = withChange(leadingTo(grpc), start.http, { protocol: 'HTTPS', certificates, sslPolicy });
  await through(start.graph, secured, start.graph);
});

test('what AWS does not know yet, or does not let go of yet, is tried again', async () => {
  const slow = await startWorld({ certificateSpreadSeconds: 3600, targetGroupReleaseSeconds: 60 });
  try {
    const { graph, https } = sample(slow.fixtures);
    const aws = slow.connect();
    const early = await converge(aws, graph).then(
      () => 'done',
      ({ message }: Error) => message,
    );
    assert.match(early, new RegExp(`create ${https}: .*"CertificateNotFound".*"retry":true`));
    slow.passTime(3600);
    await converge(aws, graph);
    await converge(aws, new Map());
    assert.equal(slow.state.targetGroups.size, 0);
  } finally {
    await slow.stop();
  }
});
