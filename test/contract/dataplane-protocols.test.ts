import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  createSecureServer,
  type IncomingHttpHeaders,
} from 'node:http2';
import { request as requestHttps } from 'node:https';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { StoredListener, StoredLoadBalancer, StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import {
  DEFAULT_CERTIFICATE,
  HTTPS,
  SHOP_CERTIFICATE,
  WILDCARD_CERTIFICATE,
} from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import {
  type Answer,
  ask,
  collect,
  eventually,
  fixed,
  forwardTo,
  listening,
  untilHealth,
  type World,
  whereIs,
} from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE, SHOP_CERTIFICATE, WILDCARD_CERTIFICATE] });

const THREE_NAMES: Partial<StoredListener> = {
  ...HTTPS,
  SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
  extraCertificates: [SHOP_CERTIFICATE.arn, WILDCARD_CERTIFICATE.arn],
};

const secure = async (
  actions: Parameters<World['listener']>[1],
  attributes: Record<string, string> = {},
  more: Partial<StoredListener> = {},
): Promise<StoredLoadBalancer> => {
  const loadBalancer = world.loadBalancer(undefined, attributes);
  world.listener(loadBalancer, actions, { ...THREE_NAMES, ...more });
  await world.changed();
  return loadBalancer;
};

/** The name in the certificate a client is shown, or the error of the handshake. */
const shown = (
  loadBalancer: StoredLoadBalancer,
  servername?: string,
  maxVersion?: 'TLSv1.2',
): Promise<string> => {
  const { host, port } = whereIs(world, loadBalancer);
  return new Promise((resolve) => {
    const socket = connectTls({
      host,
      port,
      rejectUnauthorized: false,
      ...(servername === undefined ? {} : { servername }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
    });
    socket.on('secureConnect', () => {
      resolve(`${socket.getPeerCertificate().subject.CN}`);
      socket.destroy();
    });
    socket.on('error', (error) => resolve(`error ${error.message}`));
  });
};

type H2Answer = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
};

const session = (loadBalancer: StoredLoadBalancer): ClientHttp2Session => {
  const { host, port } = whereIs(world, loadBalancer);
  return connectHttp2(`https://${host}:${port}`, {
    rejectUnauthorized: false,
    servername: 'shop.example.com',
  });
};

const askHttp2 = async (
  client: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: string,
): Promise<H2Answer> => {
  const stream = client.request(headers, { endStream: body === undefined });
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (each) => {
    trailers = each;
  });
  if (body !== undefined) stream.end(body);
  const [answer] = await once(stream, 'response');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { headers: answer, body: text, trailers };
};

/** One request on a session of its own. */
const onceHttp2 = async (
  loadBalancer: StoredLoadBalancer,
  headers: Record<string, string | string[]>,
  body?: string,
): Promise<H2Answer> => {
  const client = session(loadBalancer);
  try {
    return await askHttp2(client, headers, body);
  } finally {
    client.destroy();
  }
};

const askHttps = (loadBalancer: StoredLoadBalancer): Promise<Answer> => {
  const { host, port } = whereIs(world, loadBalancer);
  return new Promise((resolve, reject) => {
    const sent = requestHttps({
      host,
      port,
      rejectUnauthorized: false,
      servername: 'shop.example.com',
      headers: { Host: 'shop.example.com' },
      agent: false,
    });
    sent.on('response', (response) => collect(response).then(resolve, reject));
    sent.on('error', reject);
    sent.end();
  });
};

const healthyGroup = async (
  port: number,
  more: Partial<StoredTargetGroup> = {},
): Promise<StoredTargetGroup> => world.group([port], more);

describe('HTTPS listeners', () => {
  test('certificates by server name: exact, wildcard, else the default', async () => {
    const loadBalancer = await secure([fixed('tls')]);
    assert.equal(await shown(loadBalancer, 'shop.example.com'), 'shop.example.com');
    assert.equal(await shown(loadBalancer, 'SHOP.example.com'), 'shop.example.com');
    assert.equal(await shown(loadBalancer, 'a.wild.example.com'), '*.wild.example.com');
    assert.equal(await shown(loadBalancer, 'a.b.wild.example.com'), 'default.example.com');
    assert.equal(await shown(loadBalancer, 'unknown.example.com'), 'default.example.com');
    assert.equal(await shown(loadBalancer), 'default.example.com');
  });

  test('a new default certificate serves without a new listener', async () => {
    const loadBalancer = await secure([fixed('tls')], {}, { extraCertificates: [] });
    assert.equal(await shown(loadBalancer), 'default.example.com');
    for (const listener of world.state.listeners.values()) {
      if (listener.LoadBalancerArn === loadBalancer.LoadBalancerArn)
        listener.Certificates = [{ CertificateArn: SHOP_CERTIFICATE.arn }];
    }
    await world.changed();
    assert.equal(await shown(loadBalancer), 'shop.example.com');
  });

  test('the security policy decides the protocol versions', async () => {
    const strict = await secure([fixed('tls')], {}, { SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' });
    assert.match(await shown(strict, undefined, 'TLSv1.2'), /^error /);
    const usual = await secure([fixed('tls')]);
    assert.equal(await shown(usual, undefined, 'TLSv1.2'), 'default.example.com');
  });

  test('HTTP/1.1 and HTTP/2 on the same port', async () => {
    const loadBalancer = await secure([fixed('both')]);
    const first = await askHttps(loadBalancer);
    assert.deepEqual([first.status, first.body], [200, 'both']);
    const second = await onceHttp2(loadBalancer, { ':path': '/' });
    assert.deepEqual(
      [second.headers[':status'], second.headers.server, second.body],
      [200, 'awselb/2.0', 'both'],
    );
  });

  test('HTTP/2 can be turned off', async () => {
    const loadBalancer = await secure([fixed('one')], { 'routing.http2.enabled': 'false' });
    const { host, port } = whereIs(world, loadBalancer);
    const socket = connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  });

  test('redirect from an HTTPS listener knows its protocol and port', async () => {
    const loadBalancer = await secure([
      { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/new' } },
    ]);
    assert.equal((await askHttps(loadBalancer)).headers.location, 'https://shop.example.com:443/new');
  });
});

describe('HTTP/2 clients', () => {
  const mirror = async (attributes: Record<string, string> = {}): Promise<StoredLoadBalancer> => {
    const port = await world.backend(async (request, response) => {
      const { body } = await collect(request);
      response.setHeader('Connection', 'keep-alive');
      response.end(JSON.stringify({ version: request.httpVersion, headers: request.headers, body }));
    });
    return secure([forwardTo(await healthyGroup(port))], attributes);
  };

  test('reach HTTP/1.1 targets, authority as Host, cookies joined', async () => {
    const answer = await onceHttp2(await mirror(), {
      ':path': '/x',
      ':authority': 'shop.example.com',
      cookie: ['a=1', 'b=2'],
    });
    const { version, headers } = JSON.parse(answer.body);
    assert.deepEqual(
      [version, headers.host, headers.cookie, headers['x-forwarded-proto'], headers['x-forwarded-port']],
      ['1.1', 'shop.example.com', 'a=1; b=2', 'https', '443'],
    );
  });

  test('bodies pass', async () => {
    const answer = await onceHttp2(await mirror(), { ':path': '/', ':method': 'POST' }, 'two');
    assert.equal(JSON.parse(answer.body).body, 'two');
  });

  test('many streams of one connection at once', async () => {
    const client = session(await mirror());
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        askHttp2(client, { ':path': `/${index}`, ':method': 'POST' }, `${index}`),
      ),
    );
    client.destroy();
    assert.deepEqual(
      answers.map((answer) => JSON.parse(answer.body).body),
      answers.map((_, index) => `${index}`),
    );
  });

  test('TLS version and cipher in headers when the load balancer says so', async () => {
    const attributes = { 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true' };
    const answer = await onceHttp2(await mirror(attributes), {
      ':path': '/',
      'x-amzn-tls-version': 'forged',
    });
    const { headers } = JSON.parse(answer.body);
    assert.equal(headers['x-amzn-tls-version'], 'TLSv1.3');
    assert.match(headers['x-amzn-tls-cipher-suite'], /^TLS_/);
  });

  test('503 and the like come over HTTP/2 as well', async () => {
    const answer = await onceHttp2(await secure([forwardTo(world.group([]))]), { ':path': '/' });
    assert.equal(answer.headers[':status'], 503);
  });
});

describe('targets over TLS and HTTP/2', () => {
  test('HTTPS targets are not verified', async () => {
    const { certificate: cert, privateKey: key } = DEFAULT_CERTIFICATE;
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) =>
      response.end(`over ${request.httpVersion}`),
    );
    world.onStop(() => server.close());
    const group = world.group([await listening(server)], { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' });
    const loadBalancer = world.loadBalancer();
    world.listener(loadBalancer, [forwardTo(group)]);
    await world.changed();
    await untilHealth(group, 'healthy');
    assert.equal((await ask(world, loadBalancer)).body, 'over 1.1');
  });

  test('an HTTP2 group gets HTTP/2', async () => {
    const server = createHttp2Server((request, response) =>
      response.end(`${request.httpVersion} ${request.authority} ${request.url}`),
    );
    world.onStop(() => server.close());
    const group = world.group([await listening(server)], { ProtocolVersion: 'HTTP2' });
    const loadBalancer = await secure([forwardTo(group)]);
    await untilHealth(group, 'healthy');
    const answer = await onceHttp2(loadBalancer, { ':path': '/a?b', ':authority': 'h2.example.com' });
    assert.equal(answer.body, '2.0 h2.example.com /a?b');
  });

  const grpcServer = async (): Promise<StoredTargetGroup> => {
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        const code = headers[':path'] === '/AWS.ALB/healthcheck' ? '12' : '0';
        stream.sendTrailers({ 'grpc-status': code, 'grpc-message': String(headers.te) });
      });
      stream.pipe(stream);
    });
    world.onStop(() => server.close());
    return world.group([await listening(server)], {
      ProtocolVersion: 'GRPC',
      HealthCheckPath: '/AWS.ALB/healthcheck',
      Matcher: { GrpcCode: '12' },
    });
  };

  test('gRPC: request and answer stream, trailers arrive, health by trailer', async () => {
    const group = await grpcServer();
    const loadBalancer = await secure([forwardTo(group)]);
    await untilHealth(group, 'healthy');
    const answer = await onceHttp2(
      loadBalancer,
      { ':path': '/echo.Echo/Say', ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' },
      '\0\0\0\0\x05hello',
    );
    assert.equal(answer.headers[':status'], 200);
    assert.equal(answer.headers['content-type'], 'application/grpc');
    assert.equal(answer.body, '\0\0\0\0\x05hello');
    assert.deepEqual([answer.trailers['grpc-status'], answer.trailers['grpc-message']], ['0', 'trailers']);
    await eventually('it is logged as gRPC', () =>
      world.plane.accessLog().some((line) => line.startsWith('grpcs ')),
    );
  });

  test('gRPC: messages flow in both directions before the end', async () => {
    const loadBalancer = await secure([forwardTo(await grpcServer())]);
    const client = session(loadBalancer);
    const stream = client.request({
      ':path': '/echo.Echo/Chat',
      ':method': 'POST',
      'content-type': 'application/grpc',
    });
    stream.write('one');
    assert.equal(String((await once(stream, 'data'))[0]), 'one');
    stream.write('two');
    assert.equal(String((await once(stream, 'data'))[0]), 'two');
    stream.end();
    await once(stream, 'end');
    client.destroy();
  });

  test('464: GET to a GRPC group, gRPC to an HTTP1 group', async () => {
    const grpc = await secure([forwardTo(await grpcServer())]);
    assert.equal((await onceHttp2(grpc, { ':path': '/' })).headers[':status'], 464);
    const port = await world.backend((_request, response) => response.end());
    const plain = await secure([forwardTo(world.group([port]))]);
    const headers = { ':path': '/a.B/C', ':method': 'POST', 'content-type': 'application/grpc' };
    assert.equal((await onceHttp2(plain, headers, 'x')).headers[':status'], 464);
  });

  test('502 when an HTTP2 target refuses, and when it does not speak HTTP/2', async () => {
    const closed = createHttp2Server();
    const port = await listening(closed);
    closed.close();
    const refusing = await secure([forwardTo(world.group([port], { ProtocolVersion: 'HTTP2' }))]);
    assert.equal((await onceHttp2(refusing, { ':path': '/' })).headers[':status'], 502);
    const plain = await world.backend((_request, response) => response.end());
    const mistaken = await secure([forwardTo(world.group([plain], { ProtocolVersion: 'HTTP2' }))]);
    assert.equal((await onceHttp2(mistaken, { ':path': '/' })).headers[':status'], 502);
  });
});
