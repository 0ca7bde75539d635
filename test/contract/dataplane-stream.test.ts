/** Network Load Balancers pass bytes: to addresses, to an application load balancer, through TLS, with addresses kept. */
import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { StoredListener, StoredLoadBalancer, StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { SHOP_CERTIFICATE } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, eventually, fixed, forwardTo, listening, untilHealth, whereIs } from './dataplane-world.ts';

const world = suiteWorld();

const streamListener = (
  balancer: StoredLoadBalancer,
  group: StoredTargetGroup,
  more: Partial<StoredListener> = {},
) => world.listener(balancer, [forwardTo(group)], { Protocol: 'TCP', Port: 7000, ...more });

const tcpGroup = (ports: readonly number[], more: Partial<StoredTargetGroup> = {}) =>
  world.group(ports, { Protocol: 'TCP', HealthCheckProtocol: 'TCP', ...more });

/** A server that says hello with its name and then repeats what it hears. */
const echo = async (
  name: string,
  onConnection: (socket: Socket) => void = () => undefined,
): Promise<number> => {
  const server: Server = createServer((socket) => {
    onConnection(socket);
    socket.on('error', () => undefined);
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  world.onStop(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return listening(server);
};

/** Everything that comes back for some bytes, until the other end closes. */
const talk = (socket: Socket, text: string): Promise<string> =>
  new Promise((resolve) => {
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', (error) => resolve(`${heard}${error.message}`));
    socket.on('close', () => resolve(heard));
    socket.end(text);
  });

const to = (balancer: StoredLoadBalancer, port = 7000, localAddress?: string): Socket =>
  connect({ ...whereIs(world, balancer, port), ...(localAddress === undefined ? {} : { localAddress }) });

describe('a TCP listener', () => {
  it('passes bytes to healthy targets in turn, and half-closed connections to the end', async () => {
    const balancer = world.loadBalancer();
    const group = tcpGroup([await echo('one'), await echo('two')]);
    streamListener(balancer, group);
    await world.changed();
    await untilHealth(group, 'healthy');
    const heard = await Promise.all([1, 2, 3, 4].map(() => talk(to(balancer), 'ping')));
    assert.deepEqual(heard.toSorted(), ['one\nping', 'one\nping', 'two\nping', 'two\nping']);
  });

  it('leaves out a target that does not take connections, and resets where none is registered', async () => {
    const balancer = world.loadBalancer();
    const gone = createServer();
    const dead = await listening(gone);
    await new Promise((resolve) => gone.close(resolve));
    const group = tcpGroup([await echo('alive'), dead]);
    const empty = tcpGroup([]);
    streamListener(balancer, group);
    streamListener(balancer, empty, { Port: 7001 });
    await world.changed();
    await eventually('one healthy, one not', () => {
      const states = [...group.targets.values()].map(({ health }) => health.State).sort();
      return states.join() === 'healthy,unhealthy';
    });
    for (let count = 0; count < 4; count += 1) assert.equal(await talk(to(balancer), 'x'), 'alive\nx');
    assert.doesNotMatch(await talk(to(balancer, 7001), 'x'), /x$|alive/);
  });

  it('keeps the address of the client where the group says so', async () => {
    const seen: (string | undefined)[] = [];
    const balancer = world.loadBalancer();
    const port = await echo('who', ({ remoteAddress }) => seen.push(remoteAddress));
    const keeps = tcpGroup([port], { attributes: { 'preserve_client_ip.enabled': 'true' } });
    const hides = tcpGroup([port], { attributes: { 'preserve_client_ip.enabled': 'false' } });
    streamListener(balancer, keeps);
    streamListener(balancer, hides, { Port: 7001 });
    await world.changed();
    await untilHealth(keeps, 'healthy');
    await untilHealth(hides, 'healthy');
    seen.length = 0;
    await talk(to(balancer, 7000, '127.0.0.77'), '');
    assert.ok(seen.includes('127.0.0.77'), seen.join());
    seen.length = 0;
    await talk(to(balancer, 7001, '127.0.0.77'), '');
    assert.ok(!seen.includes('127.0.0.77'), seen.join());
  });

  it('says who connects by the proxy protocol', async () => {
    const balancer = world.loadBalancer();
    const group = tcpGroup([await echo('p')], { attributes: { 'proxy_protocol_v2.enabled': 'true' } });
    streamListener(balancer, group);
    await world.changed();
    await untilHealth(group, 'healthy');
    const heard = Buffer.from(await talk(to(balancer, 7000, '127.0.0.78'), 'x'), 'latin1').subarray(2);
    assert.equal(heard.subarray(0, 12).toString('hex'), '0d0a0d0a000d0a515549540a');
    assert.deepEqual([...heard.subarray(12, 20)], [0x21, 0x11, 0, 12, 127, 0, 0, 78]);
    assert.equal(heard.subarray(28).toString(), 'x');
  });
});

describe('a TLS listener', () => {
  it('ends TLS with the certificate of the name and the protocol of its policy', async () => {
    const balancer = world.loadBalancer();
    const group = tcpGroup([await echo('plain')]);
    world.state.certificates.set(SHOP_CERTIFICATE.arn, SHOP_CERTIFICATE);
    streamListener(balancer, group, {
      Protocol: 'TLS',
      Port: 7443,
      Certificates: [{ CertificateArn: SHOP_CERTIFICATE.arn }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      AlpnPolicy: ['HTTP2Preferred'],
    });
    await world.changed();
    await untilHealth(group, 'healthy');
    const socket = connectTls({
      ...whereIs(world, balancer, 7443),
      ca: SHOP_CERTIFICATE.certificate,
      servername: 'shop.example.com',
      ALPNProtocols: ['http/1.1', 'h2'],
    });
    let protocol: string | false | null = null;
    socket.on('secureConnect', () => {
      protocol = socket.alpnProtocol;
    });
    assert.equal(await talk(socket, 'secret'), 'plain\nsecret');
    assert.equal(protocol, 'h2');
  });
});

describe('a load balancer as the target of another', () => {
  const behind = (inner: StoredLoadBalancer, more: Partial<StoredTargetGroup> = {}): StoredTargetGroup => {
    const group = world.group([], {
      Protocol: 'TCP',
      TargetType: 'alb',
      HealthCheckProtocol: 'HTTP',
      Matcher: { HttpCode: '200-399' },
      ...more,
    });
    world.target(group, 80, inner.LoadBalancerArn);
    return group;
  };

  it('gets requests through the listener of its port, with the address of the client', async () => {
    const backend = await world.backend((request, response) =>
      response.end(`${request.url} for ${request.headers['x-forwarded-for']}`),
    );
    const inner = world.loadBalancer();
    const pods = world.group([backend]);
    world.listener(inner, [forwardTo(pods)]);
    const outer = world.loadBalancer();
    const group = behind(inner, { attributes: { 'preserve_client_ip.enabled': 'true' } });
    streamListener(outer, group, { Port: 80 });
    await world.changed();
    await untilHealth(pods, 'healthy');
    await untilHealth(group, 'healthy');
    const answer = await ask(world, outer, { path: '/cart', localAddress: '127.0.0.79' });
    assert.deepEqual([answer.status, answer.body], [200, '/cart for 127.0.0.79']);
  });

  it('is unhealthy by its answers', async () => {
    const inner = world.loadBalancer();
    world.listener(inner, [fixed('no', '503')]);
    const outer = world.loadBalancer();
    const group = behind(inner);
    streamListener(outer, group, { Port: 80 });
    await world.changed();
    await untilHealth(group, 'unhealthy');
    const [target] = group.targets.values();
    assert.equal(target?.health.Reason, 'Target.ResponseCodeMismatch');
  });
});
