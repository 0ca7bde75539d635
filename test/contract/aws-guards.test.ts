/** Logins and checks of tokens in AWS: written as they are wanted, read as they are, and no secret where none belongs. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ElasticLoadBalancingV2Client, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Secret } from '../../src/core/kube/objects.ts';
import {
  clientIdDigest,
  clientNote,
  clientVersion,
  type Guard,
  type Login,
} from '../../src/core/model/guard.ts';
import type { Key } from '../../src/core/model/key.ts';
import { CLIENT_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import type { Action } from '../../src/core/model/rule.ts';
import { type Sample, sample, withChange } from './aws-sample.ts';
import { act, converge, look, planFor, startWorld, type World } from './aws-world.ts';

const LOGIN: Login = {
  scope: 'openid email',
  cookie: 'shop',
  sessionSeconds: 3600,
  onUnauthenticated: 'deny',
  extraParams: { display: 'page' },
};
const ENDPOINTS = {
  issuer: 'https://login.example.com',
  authorizationEndpoint: 'https://login.example.com/authorize',
  tokenEndpoint: 'https://login.example.com/token',
  userInfoEndpoint: 'https://login.example.com/userinfo',
} as const;

let world: World;
let start: Sample;
/** What stands in the Secret now. */
let values = { id: 'client-1', secret: 'very-private-1' };

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const secretAt = (id: string): Secret | undefined =>
  id === 'shop/login'
    ? {
        metadata: { namespace: 'shop', name: 'login', uid: 'u-login' },
        data: { clientID: encoded(values.id), clientSecret: encoded(`${values.secret}\n`) },
      }
    : undefined;

const oidc = (): Guard => ({
  type: 'authenticate-oidc',
  ...ENDPOINTS,
  client: {
    id: clientIdDigest(values.id),
    version: clientVersion('u-login', values.id, values.secret),
    from: 'shop/login',
  },
  login: LOGIN,
});
const COGNITO: Guard = {
  type: 'authenticate-cognito',
  userPool: 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_aBcDeFgHi',
  clientId: '1example23456789',
  domain: 'my-login',
  login: { ...LOGIN, extraParams: {} },
};
const JWT: Guard = {
  type: 'jwt-validation',
  jwksEndpoint: 'https://login.example.com/keys',
  issuer: 'https://login.example.com',
  claims: [{ name: 'scope', format: 'string-array', values: ['write', 'read'] }],
};

const connect = () => world.connect({ secretAt });

const guardRule = (graph: Graph, key: Key<'rule'>, guards: readonly Guard[]): Graph => {
  const { actions, tags } = (graph.get(key) as Resource<'rule'>).spec;
  const { [CLIENT_TAG]: _, ...others } = tags;
  const guarded: readonly Action[] = [...guards, ...actions.slice(-1)];
  return withChange(graph, key, { actions: guarded, tags: { ...others, ...clientNote(guarded) } });
};

const guardDefault = (graph: Graph, key: Key<'listener'>, guards: readonly Guard[]): Graph => {
  const { defaultActions, tags } = (graph.get(key) as Resource<'listener'>).spec;
  const { [CLIENT_TAG]: _, ...others } = tags;
  const guarded: readonly Action[] = [...guards, ...defaultActions.slice(-1)];
  return withChange(graph, key, { defaultActions: guarded, tags: { ...others, ...clientNote(guarded) } });
};

/** Everywhere a guard can stand. */
const guardedSample = (): Graph => {
  const [first, second, third] = start.rules;
  assert.ok(first && second && third);
  let graph = guardRule(start.graph, first, [oidc()]);
  graph = guardRule(graph, second, [COGNITO]);
  graph = guardRule(graph, third, [JWT]);
  return guardDefault(graph, start.https, [oidc()]);
};

before(async () => {
  world = await startWorld();
  start = sample(world.fixtures);
});
beforeEach(() => {
  world.reset();
  values = { id: 'client-1', secret: 'very-private-1' };
});
after(() => world.stop());

test('each guard is read back as it was written, on rules and default actions; the last action comes last', async () => {
  await converge(connect(), guardedSample());
  assert.deepEqual(planFor(guardedSample(), await look(connect(), guardedSample())).operations, []);
  const given = [...world.state.rules.values()].map(({ Actions }) =>
    Actions?.map(({ Type, Order }) => [Type, Order]),
  );
  assert.ok(given.some((it) => it?.[0]?.[0] === 'authenticate-oidc' && it[0][1] === 1 && it[1]?.[1] === 2));
});

test('the secret is in AWS, and neither in what is observed nor in any tag', async () => {
  await converge(connect(), guardedSample());
  const stored = [...world.state.rules.values()].flatMap(({ Actions = [] }) => Actions);
  assert.ok(stored.some((it) => it.AuthenticateOidcConfig?.ClientSecret === 'very-private-1'));
  const seen = await look(connect(), guardedSample());
  const told = JSON.stringify([...seen.owned.values()]);
  assert.doesNotMatch(told, /very-private|client-1/);
  assert.match(told, /client-secret-version/);
});

test('credentials that were exchanged are written once for each place, actions before the note', async () => {
  await converge(connect(), guardedSample());
  values = { ...values, secret: 'very-private-2' };
  world.mark();
  await converge(connect(), guardedSample());
  assert.deepEqual(world.writes().toSorted(), ['AddTags', 'AddTags', 'ModifyListener', 'ModifyRule']);
  assert.ok(world.writes().indexOf('ModifyRule') < world.writes().lastIndexOf('AddTags'));
  const secrets = [...world.state.rules.values()].flatMap(({ Actions = [] }) =>
    Actions.flatMap((it) => it.AuthenticateOidcConfig?.ClientSecret ?? []),
  );
  assert.deepEqual(new Set(secrets), new Set(['very-private-2']));
});

test('a failure between the credentials and their note gives them once more', async () => {
  await converge(connect(), guardedSample());
  values = { ...values, secret: 'very-private-2' };
  const wanted = guardedSample();
  world.faults.add({ kind: 'error', operation: 'AddTags', code: 'InternalFailure', count: 50 });
  let actual = await look(connect(), wanted);
  for (const operation of planFor(wanted, actual).operations)
    actual = (await act(world.connect({ secretAt, maxAttempts: 1 }), operation, actual)).actual;
  world.faults.clear();
  const left = planFor(wanted, await look(connect(), wanted)).operations;
  assert.deepEqual(new Set(left.map(({ verb }) => verb)), new Set(['update']));
  await converge(connect(), wanted);
  assert.deepEqual(planFor(wanted, await look(connect(), wanted)).operations, []);
});

test('a client that somebody changed in AWS, and credentials that nobody noted, are written once', async () => {
  await converge(connect(), guardedSample());
  const [first] = start.rules;
  const actual = await look(connect(), guardedSample());
  const found = world.state.rules.get(actual.ids.get(first ?? start.https) ?? '');
  const config = found?.Actions?.[0]?.AuthenticateOidcConfig;
  assert.ok(config);
  config.ClientId = 'of-somebody-else';
  world.mark();
  await converge(connect(), guardedSample());
  assert.deepEqual(world.writes(), ['ModifyRule']);
  // As another controller leaves them, which notes nothing.
  const elb = new ElasticLoadBalancingV2Client({ region: world.region, endpoint: world.endpoint });
  await elb.send(new RemoveTagsCommand({ ResourceArns: [found?.RuleArn ?? ''], TagKeys: [CLIENT_TAG] }));
  elb.destroy();
  world.mark();
  await converge(connect(), guardedSample());
  assert.deepEqual(world.writes(), ['ModifyRule', 'AddTags']);
});

test('credentials that changed since the plan are not written under its note, and the plan is made again', async () => {
  const wanted = guardedSample();
  const aws = connect();
  const actual = await look(aws, wanted);
  await converge(aws, start.graph);
  const guarded = planFor(wanted, await look(aws, wanted)).operations.find(
    ({ key }) => key === start.rules[0],
  );
  assert.ok(guarded);
  values = { ...values, secret: 'very-private-2' };
  const { attempt } = await act(aws, guarded, { ...actual, ...(await look(aws, wanted)) });
  assert.deepEqual([attempt.status, 'retry' in attempt && attempt.retry], ['failed', true]);
  assert.match(JSON.stringify(attempt), /Secret shop\/login changed/);
});

test('what AWS refuses is told without the secret it quotes', async () => {
  await converge(connect(), start.graph);
  const [first] = start.rules;
  assert.ok(first);
  const wanted = guardRule(start.graph, first, [oidc()]);
  const aws = connect();
  const actual = await look(aws, wanted);
  world.faults.add({
    kind: 'error',
    operation: 'ModifyRule',
    code: 'ValidationError',
    message: "Value 'very-private-1' at 'clientSecret' failed",
  });
  const [operation] = planFor(wanted, actual).operations;
  assert.ok(operation);
  const { attempt } = await act(aws, operation, actual);
  world.faults.clear();
  assert.equal(attempt.status, 'failed');
  assert.doesNotMatch(JSON.stringify(attempt), /very-private/);
});

test('a login that goes takes its note along', async () => {
  await converge(connect(), guardedSample());
  world.mark();
  await converge(connect(), start.graph);
  assert.deepEqual(new Set(world.writes()), new Set(['RemoveTags', 'ModifyRule', 'ModifyListener']));
  const left = await look(connect(), start.graph);
  assert.doesNotMatch(JSON.stringify([...left.owned.values()]), /client-secret-version|authenticate|jwt/);
});
