/** Permissions of ours in a security group of nodes: opened, widened, narrowed and closed, and nobody else's touched. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { securityGroupKey } from '../../src/core/model/key.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import { clusterGroupTag, type PortRange, targetAccessKey } from '../../src/core/model/target-access.ts';
import { CLUSTER, STACK, sample } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let nodes: `sg-${string}`;

const ec2 = () => new EC2Client({ region: world.region, endpoint: world.endpoint });

before(async () => {
  world = await startWorld();
  const { GroupId } = await ec2().send(
    new CreateSecurityGroupCommand({
      GroupName: 'nodes',
      Description: 'nodes',
      VpcId: world.fixtures.vpc,
      TagSpecifications: [
        { ResourceType: 'security-group', Tags: [{ Key: clusterGroupTag(CLUSTER), Value: 'owned' }] },
      ],
    }),
  );
  nodes = GroupId as `sg-${string}`;
  await ec2().send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: nodes,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
        {
          IpProtocol: 'tcp',
          FromPort: 0,
          ToPort: 65_535,
          UserIdGroupPairs: [{ GroupId: nodes, Description: 'elbv2.k8s.aws/targetGroupBinding=shared' }],
        },
      ],
    }),
  );
});
after(() => world.stop());

const graphWith = (ports: readonly PortRange[]): Graph => {
  const { graph } = sample(world.fixtures);
  const source = securityGroupKey(STACK);
  const key = targetAccessKey(STACK, nodes, source);
  const access: Resource = { kind: 'target-access', key, spec: { group: nodes, source, ports } };
  return new Map([...graph, [key, access]]);
};

/** As `from-to by description`, those of others included. */
const permissions = async (): Promise<readonly string[]> => {
  const { SecurityGroups } = await ec2().send(new DescribeSecurityGroupsCommand({ GroupIds: [nodes] }));
  return (SecurityGroups?.[0]?.IpPermissions ?? [])
    .flatMap(({ FromPort, ToPort, UserIdGroupPairs, IpRanges }) =>
      [
        ...(UserIdGroupPairs ?? []).map((it) => it.Description),
        ...(IpRanges ?? []).map((it) => it.CidrIp),
      ].map((by) => `${FromPort}-${ToPort} by ${by}`),
    )
    .sort();
};

const OTHERS = ['0-65535 by elbv2.k8s.aws/targetGroupBinding=shared', '22-22 by 10.0.0.0/8'];
const OURS = `alb-ingress.io/stack=${STACK}`;

test('it is opened once, read back as it was wanted, and nothing is left to do', async () => {
  const graph = graphWith([{ from: 8080, to: 8081 }]);
  await converge(world.connect(), graph);
  assert.deepEqual(await permissions(), [...OTHERS, `8080-8081 by ${OURS}`]);
  assert.deepEqual(planFor(graph, await look(world.connect(), graph)).operations, []);
});

test('other ports are opened before the old ones are closed', async () => {
  const graph = graphWith([{ from: 8080, to: 9090 }]);
  world.mark();
  await converge(world.connect(), graph);
  const names = world.writes().map((name) => name.replace(/^.* /, ''));
  assert.deepEqual(names, ['AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupIngress']);
  assert.deepEqual(await permissions(), [...OTHERS, `8080-9090 by ${OURS}`]);
});

test('what is there already, or gone already, is no obstacle', async () => {
  const graph = graphWith([{ from: 8080, to: 9090 }]);
  const aws = world.connect();
  const actual = await look(aws, graph);
  const key = targetAccessKey(STACK, nodes, securityGroupKey(STACK));
  const found = graph.get(key);
  assert.ok(found);
  const again = { verb: 'create', key, resource: found, after: [] } as const;
  assert.equal((await act(aws, again, actual)).attempt.status, 'done');
  const away = { verb: 'delete', key, resource: found, after: [], grace: 0 } as const;
  assert.equal((await act(aws, away, actual)).attempt.status, 'done');
  assert.equal((await act(aws, away, actual)).attempt.status, 'done');
  assert.deepEqual(await permissions(), OTHERS);
  await converge(aws, graph);
});

test('it goes before the group it names, which AWS would not delete otherwise', async () => {
  const aws = world.connect();
  await converge(aws, new Map());
  assert.deepEqual(await permissions(), OTHERS);
  assert.equal(world.count().securityGroups, 0);
});
