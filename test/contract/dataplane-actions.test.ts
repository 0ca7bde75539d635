import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Action, RedirectActionConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, fixed, forwardTo, untilHealth } from './dataplane-world.ts';

const world = suiteWorld();

describe('fixed-response', () => {
  test('status, type, body, and the load balancer as Server', async () => {
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [
      {
        Type: 'fixed-response',
        FixedResponseConfig: { StatusCode: '403', ContentType: 'application/json', MessageBody: '{"no":1}' },
      },
    ]);
    await world.changed();
    const answer = await ask(world, loadBalancer);
    assert.equal(answer.status, 403);
    assert.equal(answer.message, 'Forbidden');
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.headers.server, 'awselb/2.0');
    assert.equal(answer.body, '{"no":1}');
  });

  test('HEAD gets the length without the body', async () => {
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [fixed('12345')]);
    await world.changed();
    const answer = await ask(world, loadBalancer, { method: 'HEAD' });
    assert.equal(answer.headers['content-length'], '5');
    assert.equal(answer.body, '');
  });
});

describe('redirect', () => {
  const located = async (
    config: Partial<RedirectActionConfig>,
    path: string,
    host = 'Shop.example.com:8080',
  ) => {
    const loadBalancer = world.loadBalancer();
    const redirect: Action = { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', ...config } };
    world.listener(loadBalancer, [redirect]);
    await world.changed();
    const answer = await ask(world, loadBalancer, { path, headers: { Host: host } });
    return { status: answer.status, location: answer.headers.location };
  };

  test('to HTTPS keeps host, path and query and prints the port', async () => {
    assert.deepEqual(await located({ Protocol: 'HTTPS', Port: '443' }, '/a/b?c=d'), {
      status: 301,
      location: 'https://shop.example.com:443/a/b?c=d',
    });
  });

  test('302, placeholders in every part', async () => {
    const answer = await located(
      { StatusCode: 'HTTP_302', Host: 'new.#{host}', Path: '/old/#{path}', Query: 'was=#{query}&p=#{port}' },
      '/x/y?z=1',
    );
    assert.deepEqual(answer, {
      status: 302,
      location: 'http://new.shop.example.com:80/old/x/y?was=z=1&p=80',
    });
  });

  test('an empty query leaves no question mark', async () => {
    assert.equal(
      (await located({ Path: '/only', Query: '' }, '/x?z=1')).location,
      'http://shop.example.com:80/only',
    );
  });
});

describe('transforms', () => {
  const seenBy = async (transforms: RuleTransform[], path: string) => {
    const port = await world.backend((request, response) =>
      response.end(JSON.stringify({ url: request.url, host: request.headers.host })),
    );
    const group = world.group([port]);
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('none', '404')]);
    world.rule(
      listener,
      1,
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      forwardTo(group),
      transforms,
    );
    await world.changed();
    await untilHealth(group, 'healthy');
    return ask(world, loadBalancer, { path, headers: { Host: 'api.example.com' } });
  };
  const url = (Regex: string, Replace: string): RuleTransform => ({
    Type: 'url-rewrite',
    UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
  });
  const hostHeader = (Regex: string, Replace: string): RuleTransform => ({
    Type: 'host-header-rewrite',
    HostHeaderRewriteConfig: { Rewrites: [{ Regex, Replace }] },
  });

  test('url-rewrite acts on path and query, with groups', async () => {
    const answer = await seenBy([url('^/v1/([a-z]+)\\?(.*)$', '/v2/$1?old=1&$2')], '/v1/shop?x=y');
    assert.deepEqual(JSON.parse(answer.body), { url: '/v2/shop?old=1&x=y', host: 'api.example.com' });
  });

  test('host-header-rewrite', async () => {
    const answer = await seenBy([hostHeader('^api\\.(.*)$', 'internal.$1')], '/x');
    assert.deepEqual(JSON.parse(answer.body), { url: '/x', host: 'internal.example.com' });
  });

  test('both at once', async () => {
    const answer = await seenBy([url('^/x', '/y'), hostHeader('api', 'web')], '/x/1');
    assert.deepEqual(JSON.parse(answer.body), { url: '/y/1', host: 'web.example.com' });
  });

  test('what does not match stays as it is', async () => {
    const answer = await seenBy([url('^/nothing', '/y')], '/x/1?a=b');
    assert.deepEqual(JSON.parse(answer.body), { url: '/x/1?a=b', host: 'api.example.com' });
  });

  test('500 when a transform gives no path', async () => {
    const answer = await seenBy([url('^/x', 'no slash')], '/x');
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.server, 'awselb/2.0');
  });
});

describe('gates that cannot be set up', () => {
  const gates: readonly (readonly [Action, RegExp])[] = [
    [{ Type: 'authenticate-oidc', Order: 1 }, /'authenticate-oidc' without ClientSecret/],
    [{ Type: 'authenticate-cognito', Order: 1 }, /'authenticate-cognito' of user pool ''/],
    [{ Type: 'jwt-validation', Order: 1 }, /'jwt-validation' without JwksEndpoint/],
  ];
  for (const [gate, says] of gates) {
    test(`${gate.Type} answers 501 saying what is missing, and lets nothing pass`, async () => {
      let passed = 0;
      const port = await world.backend((request, response) => {
        if (request.url === '/secret') passed++;
        response.end('secret');
      });
      const group = world.group([port]);
      const loadBalancer = world.loadBalancer();
      world.listener(loadBalancer, [{ ...forwardTo(group), Order: 2 }, gate]);
      await world.changed();
      const answer = await ask(world, loadBalancer, { path: '/secret' });
      assert.equal(answer.status, 501);
      assert.match(answer.body, says);
      assert.equal(passed, 0);
    });
  }
});
