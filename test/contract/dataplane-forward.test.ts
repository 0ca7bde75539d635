import assert from 'node:assert/strict';
import { request as requestHttp } from 'node:http';
import { describe, test } from 'node:test';
import { request as requestUndici } from 'undici';
import type { StoredLoadBalancer, StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { type Answer, type Ask, ask, collect, forwardTo, untilHealth, whereIs } from './dataplane-world.ts';

const world = suiteWorld();

/** A load balancer in front of a backend that tells what it saw. */
const mirrored = async (attributes: Record<string, string> = {}, Port = 80): Promise<StoredLoadBalancer> => {
  const port = await world.backend(async (request, response) => {
    const { body } = await collect(request);
    response.setHeader('X-Backend', 'mirror');
    response.end(
      JSON.stringify({
        method: request.method,
        url: request.url,
        headers: request.headers,
        raw: request.rawHeaders,
        body,
      }),
    );
  });
  const group = world.group([port]);
  const loadBalancer = world.loadBalancer(undefined, attributes);
  world.listener(loadBalancer, [forwardTo(group)], { Port });
  await world.changed();
  await untilHealth(group, 'healthy');
  return loadBalancer;
};

type Seen = { method: string; url: string; headers: Record<string, string>; raw: string[]; body: string };
const seen = async (loadBalancer: StoredLoadBalancer, options: Ask = {}): Promise<Seen> =>
  JSON.parse((await ask(world, loadBalancer, options)).body);

describe('headers to the target', () => {
  test('X-Forwarded-For, -Proto, -Port are added', async () => {
    const { headers } = await seen(await mirrored(), { localAddress: '127.4.5.6' });
    assert.equal(headers['x-forwarded-for'], '127.4.5.6');
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-port'], '80');
  });

  test('X-Forwarded-For is appended to, Proto and Port are overwritten', async () => {
    const { headers } = await seen(await mirrored(), {
      headers: { 'X-Forwarded-For': '10.0.0.1', 'X-Forwarded-Proto': 'gopher', 'X-Forwarded-Port': '1' },
    });
    assert.equal(headers['x-forwarded-for'], '10.0.0.1, 127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-port'], '80');
  });

  test('X-Forwarded-For preserved, removed, or with the client port', async () => {
    const headers = { 'X-Forwarded-For': '10.0.0.1' };
    const mode = 'routing.http.xff_header_processing.mode';
    const preserved = await seen(await mirrored({ [mode]: 'preserve' }), { headers });
    assert.equal(preserved.headers['x-forwarded-for'], '10.0.0.1');
    const removed = await seen(await mirrored({ [mode]: 'remove' }), { headers });
    assert.equal(removed.headers['x-forwarded-for'], undefined);
    const ported = await seen(await mirrored({ 'routing.http.xff_client_port.enabled': 'true' }));
    assert.match(ported.headers['x-forwarded-for'] ?? '', /^127\.0\.0\.1:\d+$/);
  });

  test('X-Amzn-Trace-Id: a new Root, or Self before the Root the client sent', async () => {
    const loadBalancer = await mirrored();
    const fresh = await seen(loadBalancer);
    assert.match(fresh.headers['x-amzn-trace-id'] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const given =
      'Self=1-00000000-000000000000000000000000;Root=1-67891233-abcdef012345678912345678;CalledFrom=app';
    const kept = await seen(loadBalancer, { headers: { 'X-Amzn-Trace-Id': given } });
    assert.match(
      kept.headers['x-amzn-trace-id'] ?? '',
      /^Self=1-(?!00000000)[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;CalledFrom=app$/,
    );
  });

  test('headers of the connection stay behind, those Connection names included', async () => {
    const { headers } = await seen(await mirrored(), {
      headers: {
        Connection: 'close, X-Mine',
        'X-Mine': '1',
        TE: 'trailers',
        'Proxy-Authorization': 'x',
        'X-Other': '2',
      },
    });
    for (const name of ['x-mine', 'te', 'proxy-authorization']) assert.equal(headers[name], undefined, name);
    assert.equal(headers['x-other'], '2');
  });

  test('Host passes; a default port is taken off unless the host header is preserved', async () => {
    const port = { headers: { Host: 'a.example.com:80' } };
    assert.equal((await seen(await mirrored(), port)).headers.host, 'a.example.com');
    assert.equal(
      (await seen(await mirrored(), { headers: { Host: 'a.example.com:8080' } })).headers.host,
      'a.example.com:8080',
    );
    const preserving = await mirrored({ 'routing.http.preserve_host_header.enabled': 'true' });
    assert.equal((await seen(preserving, port)).headers.host, 'a.example.com:80');
  });

  test('the port of a listener is appended to Host, unless it is the usual one or the host header is preserved', async () => {
    const plain = { headers: { Host: 'a.example.com' } };
    assert.equal((await seen(await mirrored(), plain)).headers.host, 'a.example.com');
    assert.equal((await seen(await mirrored({}, 8080), plain)).headers.host, 'a.example.com:8080');
    const preserving = await mirrored({ 'routing.http.preserve_host_header.enabled': 'true' }, 8080);
    assert.equal((await seen(preserving, plain)).headers.host, 'a.example.com');
  });

  test('invalid header names pass, or are dropped when the load balancer says so', async () => {
    const headers = { 'X_Under.Score': '1' };
    assert.equal((await seen(await mirrored(), { headers })).headers['x_under.score'], '1');
    const strict = await mirrored({ 'routing.http.drop_invalid_header_fields.enabled': 'true' });
    assert.equal((await seen(strict, { headers })).headers['x_under.score'], undefined);
  });

  test('the absolute form of a request target is understood', async () => {
    const { url, headers } = await seen(await mirrored(), { path: 'http://abs.example.com/x?y=1' });
    assert.equal(url, '/x?y=1');
    assert.equal(headers.host, 'abs.example.com');
  });
});

describe('bodies and answers', () => {
  test('POST with a length, and chunked', async () => {
    const loadBalancer = await mirrored();
    const sized = await seen(loadBalancer, {
      method: 'POST',
      body: 'hello',
      headers: { 'Content-Length': '5' },
    });
    assert.equal(sized.body, 'hello');
    assert.equal(sized.headers['content-length'], '5');
    const chunked = await seen(loadBalancer, {
      method: 'PUT',
      body: 'chunks',
      headers: { 'Transfer-Encoding': 'chunked' },
    });
    assert.equal(chunked.body, 'chunks');
  });

  test('a large body goes through both ways unharmed (undici)', async () => {
    const port = await world.backend((request, response) => request.pipe(response));
    const group = world.group([port]);
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(group)]);
    await world.changed();
    const body = Buffer.alloc(3_000_000, 'abcdefg');
    const { host, port: at } = whereIs(world, loadBalancer);
    const answer = await requestUndici(`http://${host}:${at}/`, { method: 'POST', body });
    assert.ok(Buffer.from(await answer.body.arrayBuffer()).equals(body));
  });

  test('status text, repeated headers and empty answers pass', async () => {
    const port = await world.backend((_request, response) => {
      response.writeHead(404, 'Not Here', [
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'Server',
        'mine',
        'Connection',
        'X-Hop',
        'X-Hop',
        '1',
      ]);
      response.end();
    });
    const group = world.group([port]);
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(group)]);
    await world.changed();
    const answer = await ask(world, loadBalancer);
    assert.equal(answer.message, 'Not Here');
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(answer.headers.server, 'mine');
    assert.equal(answer.headers['x-hop'], undefined);
  });

  test('100-continue is answered and the body follows', async () => {
    const loadBalancer = await mirrored();
    const { host, port } = whereIs(world, loadBalancer);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = requestHttp({
        host,
        port,
        method: 'POST',
        headers: { Expect: '100-continue', 'Content-Length': '2' },
        agent: false,
      });
      sent.on('continue', () => sent.end('ok'));
      sent.on('response', (response) => collect(response).then(resolve, reject));
      sent.on('error', reject);
      sent.flushHeaders();
    });
    assert.equal(JSON.parse(answer.body).body, 'ok');
  });
});

describe('choosing a target', () => {
  const named = async (...names: readonly string[]): Promise<number[]> =>
    Promise.all(names.map((name) => world.backend((_request, response) => response.end(name))));
  const bodies = async (
    loadBalancer: StoredLoadBalancer,
    times: number,
    headers: Record<string, string> = {},
  ) => {
    const found: string[] = [];
    for (let index = 0; index < times; index++)
      found.push((await ask(world, loadBalancer, { headers })).body);
    return found;
  };
  const behind = async (
    groups: readonly StoredTargetGroup[],
    action = forwardTo(...groups),
  ): Promise<StoredLoadBalancer> => {
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [action]);
    await world.changed();
    for (const group of groups) await untilHealth(group, 'healthy');
    return loadBalancer;
  };
  const cookieOf = (answer: Answer, name: string): string => {
    const found = answer.headers['set-cookie']?.find((cookie) => cookie.startsWith(`${name}=`));
    assert.ok(found, `no cookie ${name}`);
    return found.split(';')[0] ?? '';
  };

  test('round robin takes turns', async () => {
    const loadBalancer = await behind([world.group(await named('a', 'b', 'c'))]);
    const six = await bodies(loadBalancer, 6);
    assert.deepEqual(six.slice(0, 3).toSorted(), ['a', 'b', 'c']);
    assert.deepEqual(six.slice(3), six.slice(0, 3));
  });

  test('least outstanding requests avoids the busy target', async () => {
    const release: (() => void)[] = [];
    const slow = await world.backend((request, response) => {
      if (request.url === '/hold') release.push(() => response.end('slow'));
      else response.end('slow');
    });
    const [quick = 0] = await named('quick');
    const group = world.group([slow, quick], {
      attributes: { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
    });
    const loadBalancer = await behind([group]);
    const held: Promise<Answer>[] = [];
    while (release.length === 0) {
      held.push(ask(world, loadBalancer, { path: '/hold' }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(await bodies(loadBalancer, 4), ['quick', 'quick', 'quick', 'quick']);
    for (const free of release) free();
    await Promise.all(held);
  });

  test('weights divide, and weight 0 gets nothing', async () => {
    const [a = 0, b = 0, c = 0] = await named('a', 'b', 'c');
    const groups = [world.group([a]), world.group([b]), world.group([c])];
    const weights = [9, 1, 0];
    const loadBalancer = await behind(groups, {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: groups.map((group, index) => ({
          TargetGroupArn: group.TargetGroupArn,
          Weight: weights[index],
        })),
      },
    });
    const many = await bodies(loadBalancer, 200);
    const share = many.filter((body) => body === 'a').length;
    assert.ok(share > 140 && share < 200, `group a got ${share} of 200`);
    assert.ok(!many.includes('c'));
  });

  test('TargetGroupArn alone is a forward too', async () => {
    const group = world.group(await named('a'));
    const loadBalancer = await behind([group], { Type: 'forward', TargetGroupArn: group.TargetGroupArn });
    assert.deepEqual(await bodies(loadBalancer, 1), ['a']);
  });

  test('AWSALB keeps a client on its target, is renewed on each answer, and comes with its CORS twin', async () => {
    const attributes = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' };
    const loadBalancer = await behind([world.group(await named('a', 'b', 'c'), { attributes })]);
    const first = await ask(world, loadBalancer);
    const cookie = cookieOf(first, 'AWSALB');
    const twin = first.headers['set-cookie']?.find((each) => each.startsWith('AWSALBCORS='));
    assert.match(twin ?? '', /SameSite=None/);
    for (let turn = 0; turn < 5; turn++) {
      const next = await ask(world, loadBalancer, { headers: { Cookie: `other=1; ${cookie}` } });
      assert.equal(next.body, first.body);
      cookieOf(next, 'AWSALB');
    }
  });

  test('an AWSALB cookie that cannot be read, or whose target is gone, leads to a new target', async () => {
    const attributes = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' };
    const group = world.group(await named('a', 'b'), { attributes });
    const loadBalancer = await behind([group]);
    const garbled = await ask(world, loadBalancer, { headers: { Cookie: 'AWSALB=nonsense' } });
    assert.equal(garbled.status, 200);
    const cookie = cookieOf(garbled, 'AWSALB');
    for (const [key, target] of group.targets) {
      const body = await (await fetch(`http://127.0.0.1:${target.port}/`)).text();
      if (body === garbled.body) group.targets.delete(key);
    }
    await world.changed();
    const moved = await ask(world, loadBalancer, { headers: { Cookie: cookie } });
    assert.equal(moved.status, 200);
    assert.notEqual(moved.body, garbled.body);
  });

  test('AWSALBTG keeps a client on its group', async () => {
    const groups = [world.group(await named('a')), world.group(await named('b'))];
    const loadBalancer = await behind(groups, {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: groups.map((group) => ({ TargetGroupArn: group.TargetGroupArn, Weight: 1 })),
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 3600 },
      },
    });
    const first = await ask(world, loadBalancer);
    const cookie = cookieOf(first, 'AWSALBTG');
    assert.deepEqual(new Set(await bodies(loadBalancer, 12, { Cookie: cookie })), new Set([first.body]));
  });

  test('application cookies bind once the target has set its own', async () => {
    const ports = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        world.backend((request, response) => {
          if (request.url === '/login') response.setHeader('Set-Cookie', 'session=42; Path=/');
          response.end(name);
        }),
      ),
    );
    const attributes = {
      'stickiness.enabled': 'true',
      'stickiness.type': 'app_cookie',
      'stickiness.app_cookie.cookie_name': 'session',
    };
    const loadBalancer = await behind([world.group(ports, { attributes })]);
    const before = await ask(world, loadBalancer);
    assert.equal(before.headers['set-cookie'], undefined);
    const login = await ask(world, loadBalancer, { path: '/login' });
    const both = `session=42; ${cookieOf(login, 'AWSALBAPP-0')}`;
    assert.deepEqual(new Set(await bodies(loadBalancer, 6, { Cookie: both })), new Set([login.body]));
    const alone = await bodies(loadBalancer, 6, { Cookie: cookieOf(login, 'AWSALBAPP-0') });
    assert.ok(new Set(alone).size > 1, 'without the application cookie there is no stickiness');
  });
});
