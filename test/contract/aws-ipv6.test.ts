/** Target groups whose targets have IPv6 addresses. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { sample } from './aws-sample.ts';
import { converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

const POD = '2600:1f1c:12:3401::5';

/** The sample behind a dualstack load balancer, its group of Pods over IPv6. */
const overIpv6 = (): Graph => {
  const { graph, balancer } = sample(world.fixtures);
  const group = [...graph.values()].find((it) => it.kind === 'target-group' && it.spec.targetType === 'ip');
  assert.equal(group?.kind, 'target-group');
  const text = JSON.stringify([...graph.values()]).replaceAll(`${group.key}"`, `${group.key}-ipv6"`);
  const resources: Resource[] = JSON.parse(text);
  return new Map(
    resources.map((it): [Resource['key'], Resource] => {
      if (it.key === balancer && it.kind === 'load-balancer')
        return [it.key, { ...it, spec: { ...it.spec, ipAddressType: 'dualstack' } }];
      if (it.key !== `${group.key}-ipv6` || it.kind !== 'target-group') return [it.key, it];
      const targets = [{ id: POD, port: group.spec.port }];
      return [it.key, { ...it, spec: { ...it.spec, ipAddressType: 'ipv6', targets } }];
    }),
  );
};

test('it is made, filled and read back as it was wanted', async () => {
  const graph = overIpv6();
  await converge(world.connect(), graph);
  const made = [...world.state.targetGroups.values()].filter(({ IpAddressType }) => IpAddressType === 'ipv6');
  assert.deepEqual(
    made.map(({ targets }) => [...targets.values()].map(({ id }) => id)),
    [[POD]],
  );
  assert.deepEqual(planFor(graph, await look(world.connect(), graph)).operations, []);
});
