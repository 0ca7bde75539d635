import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ProxyAgent, request as requestUndici } from 'undici';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { startDataPlane } from '../../src/sandbox/dataplane/data-plane.ts';
import { type ForwardProxy, startForwardProxy } from '../../src/sandbox/dataplane/forward-proxy.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, eventually, fixed, forwardTo, untilHealth, whereIs } from './dataplane-world.ts';

const world = suiteWorld();

/** Gives the account a public zone example.com with an alias to the load balancer. */
const alias = (name: string, loadBalancer: StoredLoadBalancer): void => {
  const zone = world.state.zones.get('Z1') ?? {
    zone: { Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'test' },
    vpcs: [],
    records: new Map(),
  };
  world.state.zones.set('Z1', zone);
  const AliasTarget = {
    HostedZoneId: 'Z215JYRZR1TBD5',
    DNSName: `${loadBalancer.DNSName}.`,
    EvaluateTargetHealth: true,
  };
  zone.records.set(`${name}|A|`, { Name: name, Type: 'A', AliasTarget });
};

describe('addresses', () => {
  test('every load balancer has its own, the same on each start', async () => {
    const balancers = Array.from({ length: 40 }, () => world.loadBalancer());
    for (const each of balancers) world.listener(each, [fixed(each.LoadBalancerName)]);
    await world.changed();
    const addresses = balancers.map((each) => world.plane.addresses().get(each.DNSName)?.address ?? '');
    assert.equal(new Set(addresses).size, 40);
    for (const address of addresses) assert.match(address, /^127\.65\.\d+\.\d+$/);
    const again = startDataPlane({ state: world.state, onChange: () => undefined, clock: world.clock });
    await again.settled();
    assert.deepEqual(
      balancers.map((each) => again.addresses().get(each.DNSName)?.address),
      addresses,
    );
    await again.stop();
  });

  test('a load balancer serves only while it is active', async () => {
    const loadBalancer = world.loadBalancer();
    loadBalancer.State = { Code: 'provisioning' };
    world.listener(loadBalancer, [fixed('up')], { Port: 8085 });
    await world.changed();
    const { address, listeners } = world.plane.addresses().get(loadBalancer.DNSName) ?? {
      address: '',
      listeners: [],
    };
    assert.deepEqual(listeners, []);
    await assert.rejects(fetch(`http://${address}:8085/`));
    loadBalancer.State = { Code: 'active' };
    await world.changed();
    assert.equal(await (await fetch(`http://${address}:8085/`)).text(), 'up');
    world.state.loadBalancers.delete(loadBalancer.LoadBalancerArn);
    for (const [arn, each] of world.state.listeners) {
      if (each.LoadBalancerArn === loadBalancer.LoadBalancerArn) world.state.listeners.delete(arn);
    }
    await world.changed();
    await assert.rejects(fetch(`http://${address}:8085/`));
  });

  test('a listener that moves to another port, or goes, moves its server', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('moved')], { Port: 8086 });
    await world.changed();
    const { address } = world.plane.addresses().get(loadBalancer.DNSName) ?? { address: '' };
    listener.Port = 8087;
    await world.changed();
    await assert.rejects(fetch(`http://${address}:8086/`));
    assert.equal(await (await fetch(`http://${address}:8087/`)).text(), 'moved');
    world.state.listeners.delete(listener.ListenerArn);
    await world.changed();
    await assert.rejects(fetch(`http://${address}:8087/`));
  });

  test('a port that is taken is mapped to a free one of 127.0.0.1, and names lead there', async () => {
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('mapped')], { Port: 8088 });
    const address = world.plane.addresses().get(loadBalancer.DNSName)?.address ?? '';
    const squatter = createServer().listen(8088, address);
    await new Promise((resolve) => squatter.once('listening', resolve));
    await world.changed();
    const where = whereIs(world, loadBalancer);
    assert.equal(where.host, '127.0.0.1');
    assert.notEqual(where.port, 8088);
    assert.deepEqual(world.plane.endpoint(address, 8088), where);
    assert.equal((await ask(world, loadBalancer)).body, 'mapped');
    world.state.listeners.delete(listener.ListenerArn);
    await world.changed();
    squatter.close();
  });
});

describe('access log', () => {
  const fieldsOf = (line: string): string[] => line.match(/"[^"]*"|\S+/g) ?? [];
  const entry = async (loadBalancer: StoredLoadBalancer): Promise<string[]> => {
    const find = () =>
      world.plane.accessLog().findLast((line) => line.includes(`app/${loadBalancer.LoadBalancerName}/`));
    await eventually('the request is logged', () => find() !== undefined);
    return fieldsOf(find() ?? '');
  };

  test('a forwarded request, field by field', async () => {
    const port = await world.backend((_request, response) => {
      response.statusCode = 201;
      response.end('body');
    });
    const group = world.group([port]);
    const loadBalancer = world.loadBalancer('logged');
    const listener = world.listener(loadBalancer, [fixed('none', '404')]);
    world.rule(
      listener,
      7,
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      forwardTo(group),
    );
    await world.changed();
    await untilHealth(group, 'healthy');
    await ask(world, loadBalancer, {
      path: '/a?b="c"',
      headers: { Host: 'log.example.com', 'User-Agent': 'test "1"' },
    });
    const fields = await entry(loadBalancer);
    assert.equal(fields.length, 33);
    const [type, time, name, client, target, before, during, behind, status, targetStatus, received, sent] =
      fields;
    assert.equal(type, 'http');
    assert.ok(Math.abs(Date.parse(time ?? '') - Date.now()) < 60_000);
    assert.match(name ?? '', /^app\/logged\/[0-9a-f]{16}$/);
    assert.match(client ?? '', /^127\.0\.0\.1:\d+$/);
    assert.equal(target, `127.0.0.1:${port}`);
    for (const seconds of [before, during, behind]) assert.match(seconds ?? '', /^\d+\.\d{3}$/);
    assert.deepEqual([status, targetStatus], ['201', '201']);
    assert.ok(Number(received) > 60 && Number(sent) > 60);
    assert.equal(fields[12], '"GET http://log.example.com:80/a?b=%22c%22 HTTP/1.1"');
    assert.equal(fields[13], '"test %221%22"');
    assert.equal(fields[16], group.TargetGroupArn);
    assert.match(fields[17] ?? '', /^"Root=1-/);
    assert.equal(fields[20], '7');
    assert.equal(fields[22], '"forward"');
    assert.deepEqual(fields.slice(25, 27), [`"127.0.0.1:${port}"`, '"201"']);
  });

  test('a redirect and a generated answer', async () => {
    const loadBalancer = world.loadBalancer('redirected');
    world.listener(loadBalancer, [
      { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/x' } },
    ]);
    await world.changed();
    await ask(world, loadBalancer, { headers: { Host: 'a.example.com' } });
    const fields = await entry(loadBalancer);
    assert.deepEqual([fields[4], fields[5], fields[8], fields[9], fields[20]], ['-', '-1', '301', '-', '0']);
    assert.deepEqual([fields[22], fields[23]], ['"redirect"', '"http://a.example.com:80/x"']);
  });

  test('the last 1,000 lines are kept, oldest first', async () => {
    const loadBalancer = world.loadBalancer('many');
    world.listener(loadBalancer, [fixed('x')]);
    await world.changed();
    const { host, port } = whereIs(world, loadBalancer);
    for (let index = 0; index < 1010; index++)
      await (await requestUndici(`http://${host}:${port}/${index}`)).body.dump();
    await eventually(
      'the last request is logged',
      () => world.plane.accessLog().at(-1)?.includes('/1009 HTTP') === true,
    );
    const lines = world.plane.accessLog();
    assert.equal(lines.length, 1000);
    assert.ok(lines[0]?.includes('/10 HTTP'));
  });
});

describe('forward proxy', () => {
  let proxy: ForwardProxy;
  before(async () => {
    proxy = await startForwardProxy(world.plane);
    const plain = world.loadBalancer('proxied');
    const port = await world.backend((request, response) =>
      response.end(
        JSON.stringify({
          url: request.url,
          host: request.headers.host,
          via: request.headers['proxy-connection'],
        }),
      ),
    );
    const group = world.group([port]);
    world.state.certificates.set(DEFAULT_CERTIFICATE.arn, DEFAULT_CERTIFICATE);
    world.listener(plain, [forwardTo(group)]);
    world.listener(plain, [fixed('secure')], HTTPS);
    alias('app.example.com.', plain);
    world.state.zones.get('Z1')?.records.set('out', {
      Name: 'out.example.com.',
      Type: 'A',
      TTL: 60,
      ResourceRecords: [{ Value: '192.0.2.1' }],
    });
    world.state.zones.get('Z1')?.records.set('text', {
      Name: 'text.example.com.',
      Type: 'TXT',
      TTL: 60,
      ResourceRecords: [{ Value: '"a"' }],
    });
    await world.changed();
    await untilHealth(group, 'healthy');
  });
  after(() => proxy.stop());

  const through = async (url: string): Promise<{ status: number; body: string }> => {
    const dispatcher = new ProxyAgent({
      uri: proxy.url,
      proxyTunnel: false,
      requestTls: { rejectUnauthorized: false },
    });
    try {
      const answer = await requestUndici(url, { dispatcher });
      return { status: answer.statusCode, body: await answer.body.text() };
    } finally {
      await dispatcher.close();
    }
  };

  test('a record of Route 53', async () => {
    const answer = await through('http://app.example.com/a?b=c');
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), { url: '/a?b=c', host: 'app.example.com' });
  });

  test('the name of the load balancer itself', async () => {
    const [name] = [...world.plane.addresses().keys()].filter((each) => each.startsWith('proxied-'));
    assert.equal((await through(`http://${name}/`)).status, 200);
  });

  test('https by CONNECT', async () => {
    assert.deepEqual(await through('https://app.example.com/'), { status: 200, body: 'secure' });
  });

  test('unknown names, names without address and addresses elsewhere are 502 and say why', async () => {
    const unknown = await through('http://nope.example.com/');
    assert.deepEqual(
      [unknown.status, unknown.body],
      [502, "name does not exist in the sandbox's Route 53: nope.example.com\n"],
    );
    assert.match((await through('http://www.example.org/')).body, /name does not exist/);
    assert.match((await through('http://text.example.com/')).body, /has no A record/);
    const outside = await through('http://out.example.com/');
    assert.deepEqual(
      [outside.status, outside.body],
      [502, 'address is outside the sandbox: out.example.com is 192.0.2.1\n'],
    );
    assert.match((await through('http://192.0.2.1/')).body, /outside the sandbox/);
  });

  test('a port without listener is 502', async () => {
    const answer = await through('http://app.example.com:8099/');
    assert.equal(answer.status, 502);
    assert.match(answer.body, /nothing serves app\.example\.com:8099/);
  });

  const curl = spawnSync('curl', ['--version']).status === 0;

  test('curl, over HTTP and HTTPS, and refused with its own exit code', {
    skip: curl ? false : 'curl is not installed',
  }, async () => {
    const run = promisify(execFile);
    const plain = await run('curl', ['-s', '-x', proxy.url, 'http://app.example.com/from-curl']);
    assert.equal(JSON.parse(plain.stdout).url, '/from-curl');
    const secure = await run('curl', ['-sk', '-x', proxy.url, 'https://app.example.com/']);
    assert.equal(secure.stdout, 'secure');
    const refused = await run('curl', [
      '-s',
      '-o',
      '-',
      '-w',
      '%{http_code}',
      '-x',
      proxy.url,
      'http://nope.example.com/',
    ]);
    assert.match(refused.stdout, /does not exist in the sandbox's Route 53: nope\.example\.com\n502$/);
  });
});
