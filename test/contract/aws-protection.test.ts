/** What other services hold of a load balancer: web ACLs and Shield protections. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateSubscriptionCommand, ListProtectionsCommand, ShieldClient } from '@aws-sdk/client-shield';
import { CreateWebACLCommand, WAFV2Client } from '@aws-sdk/client-wafv2';
import type { Graph } from '../../src/core/model/resource.ts';
import { withNote } from '../../src/core/model/stated-settings.ts';
import { sample, withChange } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

let world: World;
let acls: readonly string[];

before(async () => {
  world = await startWorld();
  acls = [await webAcl('front'), await webAcl('back')];
});
after(() => world.stop());

const config = () => ({ region: world.region, endpoint: world.endpoint });

const webAcl = async (Name: string): Promise<string> => {
  const { Summary } = await new WAFV2Client(config()).send(
    new CreateWebACLCommand({
      Name,
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: Name },
    }),
  );
  return Summary?.ARN ?? '';
};

const graphWith = (extras: { readonly webAcl?: string; readonly shield?: boolean }): Graph => {
  const { graph, balancer } = sample(world.fixtures);
  const found = graph.get(balancer);
  assert.equal(found?.kind, 'load-balancer');
  const tags = withNote(found.spec.tags, Object.keys(extras));
  return withChange(graph, balancer, { ...extras, tags });
};

const nothingLeft = async (graph: Graph): Promise<void> =>
  assert.deepEqual(planFor(graph, await look(world.connect(), graph)).operations, []);

test('a new load balancer listens only when its web ACL is there', async () => {
  const { balancer } = sample(world.fixtures);
  const graph = graphWith({ webAcl: acls[0] ?? '' });
  const aws = world.connect();
  let actual = await look(aws, graph);
  const { operations } = planFor(graph, actual);
  for (const operation of operations) {
    const step = await act(aws, operation, actual);
    actual = step.actual;
    if (operation.key !== balancer) continue;
    assert.equal(step.attempt.status, 'wait', JSON.stringify(step.attempt));
    break;
  }
  assert.equal(world.state.webAclOf.size, 0);
  world.balancersAre('active');
  await converge(aws, graph);
  assert.deepEqual([...world.state.webAclOf.values()], [acls[0]]);
  await nothingLeft(graph);
});

test('a web ACL changes by name, and goes when it is stated no more; one that nobody names is told', async () => {
  const byName = graphWith({ webAcl: 'name/back' });
  await converge(world.connect(), byName);
  assert.deepEqual([...world.state.webAclOf.values()], [acls[1]]);
  await nothingLeft(byName);

  const missing = graphWith({ webAcl: 'name/nobody' });
  const aws = world.connect();
  const actual = await look(aws, missing);
  const [operation] = planFor(missing, actual).operations;
  assert.ok(operation);
  const attempt = await aws.perform(operation, actual);
  assert.equal(
    attempt.status === 'failed' && attempt.message,
    `no web ACL of eu-west-1 is named nobody; expected one for regional resources`,
  );

  const none = graphWith({});
  await converge(world.connect(), none);
  assert.equal(world.state.webAclOf.size, 0);
  await nothingLeft(none);
});

test('somebody takes the web ACL away, and it comes back', async () => {
  const graph = graphWith({ webAcl: acls[0] ?? '' });
  await converge(world.connect(), graph);
  world.state.webAclOf.clear();
  await converge(world.connect(), graph);
  assert.deepEqual([...world.state.webAclOf.values()], [acls[0]]);
});

test('without a subscription Shield is refused with what AWS says; with one it comes and goes', async () => {
  const graph = graphWith({ shield: true });
  const aws = world.connect();
  const actual = await look(aws, graph);
  const [operation] = planFor(graph, actual).operations;
  assert.ok(operation);
  const attempt = await aws.perform(operation, actual);
  assert.equal(attempt.status === 'failed' && attempt.message, 'The subscription does not exist.');
  const shield = new ShieldClient({ ...config(), region: 'us-east-1' });
  await shield.send(new CreateSubscriptionCommand({}));
  const protections = async () => (await shield.send(new ListProtectionsCommand({}))).Protections?.length;
  await converge(world.connect(), graph);
  assert.equal(await protections(), 1);
  await nothingLeft(graph);
  await converge(world.connect(), graphWith({}));
  assert.equal(await protections(), 0);
});
