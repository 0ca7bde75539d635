import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestHttp, type Server } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { ProxyAgent, WebSocket } from 'undici';
import { startForwardProxy } from '../../src/sandbox/dataplane/forward-proxy.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, collect, eventually, fixed, forwardTo, listening, whereIs } from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE] });

describe('WebSocket', () => {
  /** Answers a handshake and sends back what it gets, in capitals. */
  const chatServer = async (): Promise<{ server: Server; port: number }> => {
    const server = createServer((_request, response) => {
      response.statusCode = 426;
      response.end('upgrade please');
    });
    server.on('upgrade', (request, socket: Duplex) => {
      if (request.url === '/declined') {
        socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
        return;
      }
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Seen: ',
      );
      socket.write(`${request.headers['x-forwarded-for']} ${request.headers.connection}\r\n\r\nhello`);
      socket.on('data', (chunk) => socket.write(String(chunk).toUpperCase()));
      socket.on('end', () => socket.end());
      socket.on('error', () => undefined);
    });
    world.onStop(() => server.close());
    return { server, port: await listening(server) };
  };

  const handshake = (
    where: { host: string; port: number },
    path: string,
    send: typeof requestHttp | typeof requestHttps,
  ) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'x',
      'Sec-WebSocket-Version': '13',
    };
    const sent = send({ ...where, path, headers, agent: false, rejectUnauthorized: false });
    sent.end();
    return sent;
  };

  for (const [name, listener, send, type] of [
    ['over HTTP', {}, requestHttp, 'ws '],
    ['over HTTPS', HTTPS, requestHttps, 'wss '],
  ] as const) {
    test(`${name}: bytes pass both ways from the first, and it is logged when it ends`, async () => {
      const { port } = await chatServer();
      const loadBalancer = world.loadBalancer();
      world.listener(loadBalancer, [forwardTo(world.group([port]))], listener);
      await world.changed();
      const [response, socket, head] = await once(
        handshake(whereIs(world, loadBalancer), '/', send),
        'upgrade',
      );
      assert.equal(response.headers['x-seen'], '127.0.0.1 Upgrade');
      let got = String(head);
      socket.on('data', (chunk: Buffer) => {
        got += String(chunk);
      });
      await eventually('the greeting', () => got === 'hello');
      socket.write('more');
      await eventually('the echo', () => got === 'helloMORE');
      socket.end();
      await eventually('the log entry', () =>
        world.plane
          .accessLog()
          .some((line) => line.startsWith(type) && line.includes(loadBalancer.LoadBalancerName)),
      );
    });
  }

  test('what the target says last arrives before the end', async () => {
    const last = 'x'.repeat(2_000_000);
    const server = createServer();
    server.on('upgrade', (_request, socket: Duplex) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.end(last);
    });
    world.onStop(() => server.close());
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([await listening(server)]))]);
    await world.changed();
    const [, socket, head] = await once(handshake(whereIs(world, loadBalancer), '/', requestHttp), 'upgrade');
    let got = head.length;
    socket.on('data', (chunk: Buffer) => {
      got += chunk.length;
    });
    await once(socket, 'end');
    assert.equal(got, last.length);
  });

  test('a client that resets its connection in the middle of a handshake or CONNECT harms nobody', async () => {
    let asked = 0;
    const server = createServer((_request, response) => response.end('alive'));
    server.on('upgrade', () => asked++);
    world.onStop(() => server.close());
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([await listening(server)]))]);
    await world.changed();
    const { host, port } = whereIs(world, loadBalancer);
    for (const head of [
      'GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket',
      'CONNECT a:1 HTTP/1.1',
    ]) {
      const socket = connect(port, host);
      socket.write(`${head}\r\nHost: a\r\n\r\n`);
      if (head.startsWith('GET')) await eventually('the target is asked', () => asked === 1);
      else await once(socket, 'data');
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    assert.equal((await ask(world, loadBalancer)).body, 'alive');
  });

  test('a target that declines answers as usual', async () => {
    const { port } = await chatServer();
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([port]))]);
    await world.changed();
    const [response] = await once(
      handshake(whereIs(world, loadBalancer), '/declined', requestHttp),
      'response',
    );
    assert.deepEqual([response.statusCode, (await collect(response)).body], [401, 'no']);
  });

  test('rules apply to the handshake', async () => {
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [fixed('no chat here', '403')]);
    await world.changed();
    const [response] = await once(handshake(whereIs(world, loadBalancer), '/', requestHttp), 'response');
    assert.deepEqual([response.statusCode, (await collect(response)).body], [403, 'no chat here']);
  });

  test('an upgrade to something else is an ordinary request', async () => {
    const port = await world.backend((request, response) => response.end(`plain ${request.headers.upgrade}`));
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([port]))]);
    await world.changed();
    const answer = await ask(world, loadBalancer, {
      headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' },
    });
    assert.equal(answer.body, 'plain undefined');
  });
});

describe('WebSocket through the forward proxy', () => {
  /** Accepts handshakes as RFC 6455 says and sends every text message back in capitals. */
  const acceptor = (request: IncomingMessage, socket: Duplex): void => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const [first = 0, length = 0] = bytes;
      const mask = bytes.subarray(2, 6);
      const text = bytes.subarray(6, 6 + (length & 0x7f)).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
      const closing = (first & 0xf) === 8;
      const body = closing ? Buffer.from(text) : Buffer.from(Buffer.from(text).toString().toUpperCase());
      socket.write(Buffer.concat([Buffer.from([first, body.length]), body]));
      if (closing) socket.end();
    });
  };

  for (const [scheme, listener] of [
    ['ws', {}],
    ['wss', HTTPS],
  ] as const) {
    test(`${scheme}: a WebSocket client tunnels by CONNECT to a name of Route 53`, async (context) => {
      const server = createServer();
      server.on('upgrade', acceptor);
      world.onStop(() => server.close());
      const loadBalancer = world.loadBalancer();
      world.listener(loadBalancer, [forwardTo(world.group([await listening(server)]))], listener);
      const name = `${scheme}.example.com.`;
      const AliasTarget = {
        HostedZoneId: 'Z215JYRZR1TBD5',
        DNSName: loadBalancer.DNSName,
        EvaluateTargetHealth: false,
      };
      world.state.zones.set(scheme, {
        zone: { Id: `/hostedzone/${scheme}`, Name: name, CallerReference: 'test' },
        vpcs: [],
        records: new Map([['a', { Name: name, Type: 'A', AliasTarget }]]),
      });
      await world.changed();
      const proxy = await startForwardProxy(world.plane);
      const dispatcher = new ProxyAgent({
        uri: proxy.url,
        proxyTunnel: true,
        requestTls: { rejectUnauthorized: false },
      });
      context.after(async () => {
        await dispatcher.destroy();
        await proxy.stop();
      });
      const socket = new WebSocket(`${scheme}://${scheme}.example.com/chat`, { dispatcher });
      const said = await new Promise((resolve, reject) => {
        socket.addEventListener('open', () => socket.send('hello'));
        socket.addEventListener('message', (event) => resolve(event.data));
        socket.addEventListener('error', (event) => reject(event.error));
      });
      assert.equal(said, 'HELLO');
      const closed = new Promise((resolve) => {
        socket.addEventListener('close', (event) => resolve(event.code));
      });
      socket.close(1000);
      assert.equal(await closed, 1000);
    });
  }
});
