import assert from 'node:assert/strict';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { describe, test } from 'node:test';
import type { StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, eventually, fixed, forwardTo, listening, untilHealth } from './dataplane-world.ts';

const world = suiteWorld({ speed: 100 });

const inUse = async (group: StoredTargetGroup) => {
  const loadBalancer = world.loadBalancer();
  const listener = world.listener(loadBalancer, [forwardTo(group)]);
  await world.changed();
  return { loadBalancer, listener };
};

const healthOf = (group: StoredTargetGroup) => [...group.targets.values()][0]?.health;

describe('health checks', { concurrency: true }, () => {
  test('initial becomes healthy by the first pass; path, Host and agent are those of a load balancer', async () => {
    const seen: { url: string | undefined; host: string | undefined; agent: string | undefined }[] = [];
    const port = await world.backend((request, response) => {
      seen.push({ url: request.url, host: request.headers.host, agent: request.headers['user-agent'] });
      response.end();
    });
    const group = world.group([port], { HealthCheckPath: '/ready?x=1' });
    assert.equal(healthOf(group)?.State, 'initial');
    await inUse(group);
    await untilHealth(group, 'healthy');
    assert.deepEqual(healthOf(group), { State: 'healthy' });
    assert.deepEqual(seen[0], {
      url: '/ready?x=1',
      host: `127.0.0.1:${port}`,
      agent: 'ELB-HealthChecker/2.0',
    });
  });

  test('each check is a new connection, again and again', async () => {
    const connections = new Set<number | undefined>();
    let checks = 0;
    const port = await world.backend((request, response) => {
      checks++;
      connections.add(request.socket.remotePort);
      response.end();
    });
    await inUse(world.group([port]));
    await eventually('three checks', () => checks >= 3);
    assert.equal(connections.size, checks);
  });

  test('codes outside the matcher: unhealthy with the code, healthy again after the threshold', async () => {
    let code = 200;
    const port = await world.backend((_request, response) => {
      response.statusCode = code;
      response.end();
    });
    const group = world.group([port], { Matcher: { HttpCode: '200,301-302' } });
    await inUse(group);
    await untilHealth(group, 'healthy');
    code = 302;
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(healthOf(group)?.State, 'healthy');
    code = 500;
    await untilHealth(group, 'unhealthy');
    assert.deepEqual(healthOf(group), {
      State: 'unhealthy',
      Reason: 'Target.ResponseCodeMismatch',
      Description: 'Health checks failed with these codes: [500]',
    });
    code = 200;
    await untilHealth(group, 'healthy');
  });

  test('a refused connection: Target.FailedHealthChecks', async () => {
    const closed = createHttp2Server();
    const port = await listening(closed);
    closed.close();
    const group = world.group([port]);
    await inUse(group);
    await untilHealth(group, 'unhealthy');
    assert.equal(healthOf(group)?.Reason, 'Target.FailedHealthChecks');
  });

  test('silence: Target.Timeout', async () => {
    const port = await world.backend(() => undefined);
    const group = world.group([port]);
    await inUse(group);
    await untilHealth(group, 'unhealthy');
    assert.deepEqual(healthOf(group), {
      State: 'unhealthy',
      Reason: 'Target.Timeout',
      Description: 'Request timed out',
    });
  });

  test('a port of its own for checks', async () => {
    const traffic = await world.backend((_request, response) => {
      response.statusCode = 500;
      response.end();
    });
    const checks = await world.backend((_request, response) => response.end());
    const group = world.group([traffic], { HealthCheckPort: String(checks) });
    await inUse(group);
    await untilHealth(group, 'healthy');
  });

  test('HTTPS checks do not verify the certificate', async () => {
    const { certificate: cert, privateKey: key } = DEFAULT_CERTIFICATE;
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (_request, response) =>
      response.end(),
    );
    world.onStop(() => server.close());
    const group = world.group([await listening(server)], { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
    await inUse(group);
    await untilHealth(group, 'healthy');
  });

  test('gRPC checks call the default method and take code 12', async () => {
    const paths: unknown[] = [];
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      paths.push(headers[':path']);
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
        { endStream: true },
      );
    });
    world.onStop(() => server.close());
    const group = world.group([await listening(server)], {
      ProtocolVersion: 'GRPC',
      HealthCheckPath: '/AWS.ALB/healthcheck',
      Matcher: { GrpcCode: '12' },
    });
    await inUse(group);
    await untilHealth(group, 'healthy');
    assert.equal(paths[0], '/AWS.ALB/healthcheck');
  });

  test('instances are probed at their private address; one that does not run is unused', async () => {
    const port = await world.backend((_request, response) => response.end('instance'));
    const instance = {
      id: 'i-1',
      privateIp: '127.0.0.1',
      zone: 'eu-central-1a',
      vpc: 'vpc-1',
      state: 'running',
    };
    world.state.instances.set('i-1', instance);
    const group = world.group([], { TargetType: 'instance' });
    world.target(group, port, 'i-1');
    const { loadBalancer } = await inUse(group);
    await untilHealth(group, 'healthy');
    assert.equal((await ask(world, loadBalancer)).body, 'instance');
    instance.state = 'stopped';
    await untilHealth(group, 'unused');
    assert.equal(healthOf(group)?.Reason, 'Target.InvalidState');
    assert.match(healthOf(group)?.Description ?? '', /stopped/);
  });

  test('a target in a zone the load balancer is not enabled for is unused and gets no request', async () => {
    const [near, far] = await Promise.all(
      ['near', 'far'].map((name) => world.backend((_request, response) => response.end(name))),
    );
    const group = world.group([near ?? 0, far ?? 0]);
    const [here, there] = [...group.targets.values()];
    assert.ok(here && there);
    Object.assign(here, { zone: 'eu-central-1a' });
    Object.assign(there, { zone: 'eu-central-1c' });
    const { loadBalancer } = await inUse(group);
    const enable = async (...letters: string[]) => {
      loadBalancer.AvailabilityZones = letters.map((letter) => ({ ZoneName: `eu-central-1${letter}` }));
      group.LoadBalancerArns = [loadBalancer.LoadBalancerArn];
      await world.changed();
    };
    await enable('a', 'b');
    await eventually('the other zone is unused', () => there.health.State === 'unused');
    assert.match(there.health.Description ?? '', /not enabled for the load balancer/);
    await eventually('this zone is healthy', () => here.health.State === 'healthy');
    for (let i = 0; i < 4; i++) assert.equal((await ask(world, loadBalancer)).body, 'near');
    await enable('a', 'b', 'c');
    await untilHealth(group, 'healthy');
  });

  test('an address that is not loopback is unhealthy and says why', async () => {
    const group = world.group([]);
    world.target(group, 80, '192.0.2.1');
    await inUse(group);
    await untilHealth(group, 'unhealthy');
    assert.match(healthOf(group)?.Description ?? '', /not a loopback address/);
  });
});

describe('groups in and out of use', () => {
  test('a group that nothing forwards to is unused; by a rule it comes into use, and out again', async () => {
    let checks = 0;
    const port = await world.backend((_request, response) => {
      checks++;
      response.end();
    });
    const group = world.group([port]);
    const loadBalancer = world.loadBalancer();
    const listener = world.listener(loadBalancer, [fixed('none', '404')]);
    await world.changed();
    assert.deepEqual([healthOf(group)?.State, healthOf(group)?.Reason], ['unused', 'Target.NotInUse']);
    const rule = world.rule(
      listener,
      1,
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'] } }],
      forwardTo(group),
    );
    await world.changed();
    await untilHealth(group, 'healthy');
    world.state.rules.delete(rule.RuleArn);
    await world.changed();
    assert.equal(healthOf(group)?.State, 'unused');
    const before = checks;
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(checks, before, 'no more checks');
  });

  test('a load balancer that is still provisioning does not put its groups into use', async () => {
    const port = await world.backend((_request, response) => response.end());
    const group = world.group([port]);
    const { loadBalancer } = await inUse(group);
    loadBalancer.State = { Code: 'provisioning' };
    await world.changed();
    assert.equal(healthOf(group)?.State, 'unused');
    loadBalancer.State = { Code: 'active' };
    await world.changed();
    await untilHealth(group, 'healthy');
  });

  test('a draining target gets no requests, keeps its state and goes at its time', async () => {
    const stays = await world.backend((_request, response) => response.end('stays'));
    const leaves = await world.backend((_request, response) => response.end('leaves'));
    const group = world.group([stays, leaves]);
    const { loadBalancer } = await inUse(group);
    await untilHealth(group, 'healthy');
    const target = group.targets.get(`127.0.0.1:${leaves}`);
    assert.ok(target);
    target.health = { State: 'draining', Reason: 'Target.DeregistrationInProgress' };
    target.drainedAt = world.clock.now() + 30_000;
    await world.changed();
    for (let turn = 0; turn < 4; turn++) assert.equal((await ask(world, loadBalancer)).body, 'stays');
    assert.equal(target.health.State, 'draining');
    await eventually('the drained target is gone', () => group.targets.size === 1);
    assert.ok(world.clock.now() >= (target.drainedAt ?? 0));
  });

  test('only healthy targets get requests; a healthy minimum asked for opens all', async () => {
    const good = await world.backend((_request, response) => response.end('good'));
    const bad = await world.backend((request, response) => {
      response.statusCode = request.url === '/' ? 500 : 200;
      response.end('bad');
    });
    const group = world.group([good, bad]);
    const { loadBalancer } = await inUse(group);
    await eventually(
      'one healthy, one not',
      () => [...group.targets.values()].map((target) => target.health.State).join() === 'healthy,unhealthy',
    );
    const answers = async () => {
      const found = new Set<string>();
      for (let turn = 0; turn < 6; turn++) found.add((await ask(world, loadBalancer, { path: '/x' })).body);
      return [...found].toSorted();
    };
    assert.deepEqual(await answers(), ['good']);
    group.attributes['target_group_health.unhealthy_state_routing.minimum_healthy_targets.count'] = '2';
    await world.changed();
    assert.deepEqual(await answers(), ['bad', 'good']);
  });

  test('a target registered anew under the same key starts from initial', async () => {
    const port = await world.backend((_request, response) => response.end());
    const group = world.group([port]);
    await inUse(group);
    await untilHealth(group, 'healthy');
    world.target(group, port);
    assert.equal(healthOf(group)?.State, 'initial');
    await world.changed();
    await untilHealth(group, 'healthy');
  });
});
