import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as requestHttp } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { before, describe, test } from 'node:test';
import type { StoredLoadBalancer, StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { suiteWorld } from './dataplane-suite.ts';
import {
  ask,
  collect,
  eventually,
  fixed,
  forwardTo,
  listening,
  untilHealth,
  whereIs,
} from './dataplane-world.ts';

const world = suiteWorld();

const behind = async (
  group: StoredTargetGroup,
  attributes: Record<string, string> = {},
): Promise<StoredLoadBalancer> => {
  const loadBalancer = world.loadBalancer(undefined, attributes);
  world.listener(loadBalancer, [forwardTo(group)]);
  await world.changed();
  return loadBalancer;
};

/** Writes bytes on a bare connection and gives back all that comes, up to the end of the connection. */
const raw = async (loadBalancer: StoredLoadBalancer, bytes: string): Promise<string> => {
  const { host, port } = whereIs(world, loadBalancer);
  const socket = connect(port, host);
  socket.on('error', () => undefined);
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  socket.write(bytes);
  await once(socket, 'close');
  return got;
};

const statusLine = (text: string): string => text.split('\r\n')[0] ?? '';

const lastLogged = (loadBalancer: StoredLoadBalancer): string[] =>
  (
    world.plane.accessLog().findLast((line) => line.includes(`app/${loadBalancer.LoadBalancerName}/`)) ?? ''
  ).split(' ');

const LOG_STATUS = 8;

describe('refused before any rule', () => {
  let loadBalancer: StoredLoadBalancer;
  before(async () => {
    loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [fixed('passed')]);
    await world.changed();
  });

  test('400 for what is not HTTP', async () => {
    const text = await raw(loadBalancer, 'NONSENSE\r\n\r\n');
    assert.match(statusLine(text), /^HTTP\/1\.1 400 /);
    assert.match(text, /Server: awselb\/2\.0/);
  });
  test('400 for HTTP/1.1 without Host', async () => {
    assert.match(statusLine(await raw(loadBalancer, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n')), / 400 /);
  });
  test('HTTP/1.0 without Host passes', async () => {
    assert.match(statusLine(await raw(loadBalancer, 'GET / HTTP/1.0\r\n\r\n')), / 200 /);
  });
  test('400 for a header above 16 KB, and for headers above 64 KB together', async () => {
    assert.equal((await ask(world, loadBalancer, { headers: { 'X-Big': 'x'.repeat(17_000) } })).status, 400);
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`X-${index}`, 'x'.repeat(8000)]),
    );
    assert.equal((await ask(world, loadBalancer, { headers: many })).status, 400);
    assert.equal((await ask(world, loadBalancer, { headers: { 'X-Big': 'x'.repeat(16_000) } })).status, 200);
  });
  test('400 for headers beyond any limit', async () => {
    assert.match(
      statusLine(await raw(loadBalancer, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(200_000)}\r\n\r\n`)),
      / 400 /,
    );
  });
  test('414 for a request line above 16 KB', async () => {
    const answer = await ask(world, loadBalancer, { path: `/${'x'.repeat(17_000)}` });
    assert.equal(answer.status, 414);
    assert.equal(answer.headers.server, 'awselb/2.0');
  });
  test('405 for TRACE', async () => {
    assert.equal((await ask(world, loadBalancer, { method: 'TRACE' })).status, 405);
  });
  test('405 for CONNECT', async () => {
    assert.match(statusLine(await raw(loadBalancer, 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n')), / 405 /);
  });
  test('463 for more than 30 entries in X-Forwarded-For', async () => {
    const entries = (count: number) => ({
      headers: { 'X-Forwarded-For': Array(count).fill('10.0.0.1').join(', ') },
    });
    assert.equal((await ask(world, loadBalancer, entries(30))).status, 200);
    assert.equal((await ask(world, loadBalancer, entries(31))).status, 463);
  });
  test('501 for a transfer coding other than chunked', async () => {
    assert.match(
      statusLine(await raw(loadBalancer, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n')),
      / 501 /,
    );
  });
});

describe('the client', { concurrency: true }, () => {
  test('408 when its headers do not come to an end within the idle timeout', async () => {
    const loadBalancer = world.loadBalancer(undefined, { 'idle_timeout.timeout_seconds': '1' });
    world.listener(loadBalancer, [fixed('passed')]);
    await world.changed();
    assert.match(statusLine(await raw(loadBalancer, 'GET / HTTP/1.1\r\nHost: a\r\n')), / 408 /);
  });

  test('408 when its body does not', async () => {
    const port = await world.backend((request, response) => {
      request.resume();
      request.on('end', () => response.end('done'));
      if (request.url === '/') response.end();
    });
    const loadBalancer = await behind(world.group([port]), { 'idle_timeout.timeout_seconds': '1' });
    const { host, port: at } = whereIs(world, loadBalancer);
    const sent = requestHttp({
      host,
      port: at,
      method: 'POST',
      path: '/body',
      headers: { 'Content-Length': '10' },
      agent: false,
    });
    sent.on('error', () => undefined);
    sent.write('12345');
    const [response] = await once(sent, 'response');
    assert.equal((await collect(response)).status, 408);
    sent.destroy();
  });

  test('460 in the log when it leaves before the answer, and the target learns of it', async () => {
    let asked = 0;
    let closed = 0;
    const port = await world.backend((request, response) => {
      if (request.url !== '/wait') {
        response.end();
        return;
      }
      asked++;
      response.once('close', () => closed++);
    });
    const loadBalancer = await behind(world.group([port]));
    const { host, port: at } = whereIs(world, loadBalancer);
    const sent = requestHttp({ host, port: at, path: '/wait', agent: false });
    sent.on('error', () => undefined);
    sent.end();
    await eventually('the target is asked', () => asked === 1);
    sent.destroy();
    await eventually('the target sees the end', () => closed === 1);
    await eventually('the log has the request', () => lastLogged(loadBalancer)[LOG_STATUS] === '460');
  });
});

describe('the targets', { concurrency: true }, () => {
  test('503 when none is registered', async () => {
    const loadBalancer = await behind(world.group([]));
    const answer = await ask(world, loadBalancer);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.server, 'awselb/2.0');
    assert.match(answer.body, /503 Service Unavailable/);
  });

  test('503 when the target group is gone, and when every weight is 0', async () => {
    const group = world.group([]);
    const loadBalancer = await behind(group);
    world.state.targetGroups.delete(group.TargetGroupArn);
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).status, 503);
    const port = await world.backend((_request, response) => response.end());
    const zero = world.loadBalancer();
    const weighted = world.group([port]).TargetGroupArn;
    world.listener(zero, [
      { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: weighted, Weight: 0 }] } },
    ]);
    await world.changed();
    assert.equal((await ask(world, zero)).status, 503);
  });

  test('502 when the target refuses', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const loadBalancer = await behind(world.group([port]));
    assert.equal((await ask(world, loadBalancer)).status, 502);
    assert.ok(
      world.log.some((line) => line.includes(`127.0.0.1:${port}`)),
      'the log says which target',
    );
  });

  const brokenTarget = async (behave: (socket: Socket) => void): Promise<StoredLoadBalancer> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => behave(socket));
    });
    world.onStop(() => server.close());
    return behind(world.group([await listening(server)]));
  };

  test('502 when the target closes without an answer', async () => {
    const loadBalancer = await brokenTarget((socket) => socket.destroy());
    assert.equal((await ask(world, loadBalancer)).status, 502);
  });
  test('502 when the target talks nonsense', async () => {
    const loadBalancer = await brokenTarget((socket) => socket.end('SSH-2.0-hello\r\n'));
    assert.equal((await ask(world, loadBalancer)).status, 502);
  });
  test('502 when the headers of the answer exceed 32 KB', async () => {
    const loadBalancer = await brokenTarget((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`),
    );
    assert.equal((await ask(world, loadBalancer)).status, 502);
  });
  test('502 when an HTTPS target speaks plain HTTP', async () => {
    const port = await world.backend((_request, response) => response.end());
    const loadBalancer = await behind(world.group([port], { Protocol: 'HTTPS' }));
    assert.equal((await ask(world, loadBalancer)).status, 502);
  });
  test('an answer that breaks off in the middle is not passed off as complete', async () => {
    const loadBalancer = await brokenTarget((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      setTimeout(() => socket.destroy(), 20);
    });
    await assert.rejects(ask(world, loadBalancer));
  });

  test('a failed upload leaves the client connection usable', async () => {
    const loadBalancer = await brokenTarget((socket) => socket.destroy());
    const { host, port } = whereIs(world, loadBalancer);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports: (number | undefined)[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const sent = requestHttp({ host, port, method: 'POST', agent });
      sent.end(Buffer.alloc(500_000));
      const [response] = await once(sent, 'response');
      ports.push(sent.socket?.localPort);
      assert.equal((await collect(response)).status, 502);
    }
    assert.equal(ports[0], ports[1]);
    agent.destroy();
  });

  test('504 when the target is silent for the idle timeout', async () => {
    const port = await world.backend((request, response) => {
      if (request.url === '/') response.end();
    });
    const loadBalancer = await behind(world.group([port]), { 'idle_timeout.timeout_seconds': '1' });
    assert.equal((await ask(world, loadBalancer, { path: '/silent' })).status, 504);
  });

  test('504 when the target does not take the connection', async (context) => {
    const stopped = await stoppedListener();
    context.after(() => stopped.end());
    const loadBalancer = await behind(world.group([stopped.port]));
    assert.equal((await ask(world, loadBalancer)).status, 504);
  });

  test('504 for an address that is not loopback, without any connection to it', async () => {
    const group = world.group([]);
    world.target(group, 80, '192.0.2.1');
    const loadBalancer = await behind(group);
    assert.equal((await ask(world, loadBalancer)).status, 504);
    assert.ok(world.log.some((line) => line.includes("'192.0.2.1' is not a loopback address")));
  });

  test('413 for a Lambda target and more than 1 MB; a smaller body is a 501 that says why', async () => {
    const group = world.group([], { TargetType: 'lambda' });
    world.target(group, 0, 'arn:aws:lambda:eu-central-1:000000000000:function:f');
    const loadBalancer = await behind(group);
    const large = { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) };
    assert.equal((await ask(world, loadBalancer, large)).status, 413);
    const small = await ask(world, loadBalancer);
    assert.equal(small.status, 501);
    assert.match(small.body, /Lambda/);
  });

  test('464 for HTTP/1.1 to HTTP2 and GRPC groups', async () => {
    const port = await world.backend((_request, response) => response.end());
    for (const ProtocolVersion of ['HTTP2', 'GRPC']) {
      const loadBalancer = await behind(world.group([port], { ProtocolVersion }));
      assert.equal((await ask(world, loadBalancer)).status, 464);
    }
  });

  test('all unhealthy: the load balancer fails open', async () => {
    const port = await world.backend((request, response) => {
      response.statusCode = request.url === '/' ? 500 : 200;
      response.end('open');
    });
    const group = world.group([port]);
    const loadBalancer = await behind(group);
    await untilHealth(group, 'unhealthy');
    assert.equal((await ask(world, loadBalancer, { path: '/x' })).body, 'open');
  });
});

/** A loopback listener of a stopped process with a full accept backlog: connections to it stay half open. */
const stoppedListener = async (): Promise<{ port: number; end: () => void }> => {
  const code =
    "require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})";
  const child: ChildProcess = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout ?? child, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.race(fillers.map((socket) => once(socket, 'connect')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    port,
    end: () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
    },
  };
};
