import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request as requestHttp } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, collect, eventually, fixed, forwardTo, listening, whereIs } from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE] });

const RESPONSE = 'routing.http.response';

describe('response headers of a listener', () => {
  const SHAPE = {
    [`${RESPONSE}.strict_transport_security.header_value`]: 'max-age=31536000; includeSubDomains',
    [`${RESPONSE}.x_frame_options.header_value`]: 'DENY',
    [`${RESPONSE}.access_control_allow_origin.header_value`]: 'https://example.com',
    [`${RESPONSE}.x_content_type_options.header_value`]: '',
  };

  test('are on the answers of targets, in place of the target’s own', async () => {
    const port = await world.backend((_request, response) => {
      response.setHeader('X-Frame-Options', 'SAMEORIGIN');
      response.setHeader('Server', 'app/1');
      response.end();
    });
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([port]))], { attributes: SHAPE });
    await world.changed();
    const { headers, rawHeaders } = await ask(world, loadBalancer);
    assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains');
    assert.equal(headers['access-control-allow-origin'], 'https://example.com');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(rawHeaders.filter((each) => each.toLowerCase() === 'x-frame-options').length, 1);
    assert.equal(headers['x-content-type-options'], undefined, 'an empty value adds nothing');
    assert.equal(headers.server, 'app/1');
  });

  test('are on answers of the load balancer itself, over HTTP/2 and to broken requests too', async () => {
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [fixed('mine')], { attributes: SHAPE });
    world.listener(loadBalancer, [fixed('mine')], { ...HTTPS, attributes: SHAPE });
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).headers['x-frame-options'], 'DENY');
    assert.match(await nonsense(loadBalancer), /^HTTP\/1\.1 400 .*x-frame-options: DENY/s);
    const { host, port } = whereIs(world, loadBalancer, 443);
    const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false });
    const [headers] = await once(session.request({ ':path': '/' }), 'response');
    session.destroy();
    assert.equal(headers['x-frame-options'], 'DENY');
  });

  test('the Server header of the load balancer can be turned off, that of targets stays', async () => {
    const port = await world.backend((_request, response) => {
      response.setHeader('Server', 'app/1');
      response.end();
    });
    const loadBalancer = world.loadBalancer();
    const attributes = { [`${RESPONSE}.server.enabled`]: 'false' };
    const listener = world.listener(loadBalancer, [fixed('mine')], { attributes });
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).headers.server, undefined);
    assert.doesNotMatch(await nonsense(loadBalancer), /Server:/);
    listener.DefaultActions = [forwardTo(world.group([port]))];
    await world.changed();
    assert.equal((await ask(world, loadBalancer)).headers.server, 'app/1');
  });

  test('are on a WebSocket handshake', async () => {
    const server = createServer();
    server.on('upgrade', (_request, socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    );
    world.onStop(() => server.close());
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(world.group([await listening(server)]))], { attributes: SHAPE });
    await world.changed();
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };
    const sent = requestHttp({ ...whereIs(world, loadBalancer), headers, agent: false });
    sent.end();
    const [response] = await once(sent, 'upgrade');
    assert.equal(response.headers['x-frame-options'], 'DENY');
  });

  const nonsense = async (loadBalancer: StoredLoadBalancer): Promise<string> => {
    const { host, port } = whereIs(world, loadBalancer);
    const socket = connect(port, host);
    socket.write('NONSENSE\r\n\r\n');
    let text = '';
    for await (const piece of socket) text += String(piece);
    return text;
  };
});

describe('client_keep_alive', { concurrency: true }, () => {
  /** At fifty times the speed, 60 seconds are 1.2. */
  const ATTRIBUTES = { 'client_keep_alive.seconds': '60' };

  test('an HTTP/1.1 connection ends with the first answer after its time', async () => {
    const loadBalancer = world.loadBalancer(undefined, ATTRIBUTES);
    world.listener(loadBalancer, [fixed('on')]);
    await world.changed();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const connections: (string | undefined)[] = [];
    const ports = new Set<number | undefined>();
    await eventually('the connection is closed', async () => {
      const sent = requestHttp({ ...whereIs(world, loadBalancer), agent });
      sent.end();
      const [response] = await once(sent, 'response');
      ports.add(sent.socket?.localPort);
      connections.push(response.headers.connection);
      assert.equal((await collect(response)).body, 'on');
      return response.headers.connection === 'close';
    });
    agent.destroy();
    assert.equal(ports.size, 1, 'every request went over one connection');
    assert.ok(connections.length > 1);
    assert.equal(connections[0], 'keep-alive');
  });

  test('an HTTP/2 connection gives notice and answers what is under way', async () => {
    const loadBalancer = world.loadBalancer(undefined, ATTRIBUTES);
    world.listener(loadBalancer, [fixed('on')], HTTPS);
    await world.changed();
    const { host, port } = whereIs(world, loadBalancer);
    const session = connectHttp2(`https://${host}:${port}`, { rejectUnauthorized: false });
    let closed = false;
    session.on('close', () => {
      closed = true;
    });
    let answered = 0;
    await eventually('the session is closed', async () => {
      if (closed) return true;
      const stream = session.request({ ':path': '/' });
      const [headers] = await once(stream, 'response');
      assert.equal(headers[':status'], 200);
      stream.resume();
      await once(stream, 'close');
      answered++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return closed;
    });
    assert.ok(answered > 1);
  });
});
