/** A client and a server that speak gRPC (framing, trailers, deadlines, metadata) over node:http2, through a load balancer. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import type { StoredLoadBalancer, StoredTargetGroup } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { eventually, fixed, forwardTo, listening, untilHealth, whereIs } from './dataplane-world.ts';

const world = suiteWorld({ certificates: [DEFAULT_CERTIFICATE] });
let group: StoredTargetGroup;
let loadBalancer: StoredLoadBalancer;
let session: ClientHttp2Session;
let cancelled = 0;

/** Length-prefixed message, not compressed. */
const frame = (text: string): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
};

const messages = (bytes: Buffer): string[] => {
  const found: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt32BE(at + 1))
    found.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1)).toString());
  return found;
};

const bytesOf = async (stream: AsyncIterable<unknown>): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces);
};

/** Answers with messages and a status in trailers. */
const answer = (
  stream: ServerHttp2Stream,
  texts: readonly string[],
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  for (const text of texts) stream.write(frame(text));
  stream.end();
};

const serve = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> => {
  switch (headers[':path']) {
    case '/shop.Shop/Unary':
      answer(stream, [`hello ${messages(await bytesOf(stream))}`], { 'grpc-status': '0', 'x-took': '1' });
      break;
    case '/shop.Shop/List':
      answer(
        stream,
        Array.from({ length: 200 }, (_, index) => `item ${index} ${'x'.repeat(2000)}`),
      );
      break;
    case '/shop.Shop/Sum':
      answer(stream, [String(messages(await bytesOf(stream)).reduce((sum, text) => sum + Number(text), 0))]);
      break;
    case '/shop.Shop/Metadata':
      answer(stream, [JSON.stringify({ ...headers })]);
      break;
    case '/shop.Shop/Refuse':
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '7',
          'grpc-message': 'not%20you',
        },
        { endStream: true },
      );
      break;
    case '/shop.Shop/Forever':
      stream.on('close', () => cancelled++);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(frame('first'));
      break;
    default:
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
        { endStream: true },
      );
  }
};

before(async () => {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    void serve(stream, headers);
  });
  world.onStop(() => server.close());
  group = world.group([await listening(server)], {
    ProtocolVersion: 'GRPC',
    HealthCheckPath: '/AWS.ALB/healthcheck',
    Matcher: { GrpcCode: '12' },
  });
  loadBalancer = world.loadBalancer();
  const listener = world.listener(loadBalancer, [fixed('no such service', '404')], HTTPS);
  const service = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/shop.Shop/*'] } }];
  world.rule(listener, 1, service, forwardTo(group));
  await world.changed();
  await untilHealth(group, 'healthy');
});
beforeEach(() => {
  const { host, port } = whereIs(world, loadBalancer);
  session = connect(`https://${host}:${port}`, { rejectUnauthorized: false });
});
afterEach(() => session.destroy());

const call = (method: string, metadata: Record<string, string> = {}) =>
  session.request({
    ':method': 'POST',
    ':path': method,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...metadata,
  });

const done = async (stream: ReturnType<typeof call>) => {
  let trailers: IncomingHttpHeaders = {};
  stream.on('trailers', (each) => {
    trailers = each;
  });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const texts = messages(await bytesOf(stream));
  return { headers, texts, trailers };
};

describe('a gRPC client', () => {
  test('unary', async () => {
    const stream = call('/shop.Shop/Unary');
    stream.end(frame('world'));
    const { headers, texts, trailers } = await done(stream);
    assert.deepEqual([headers[':status'], texts], [200, ['hello world']]);
    assert.deepEqual([trailers['grpc-status'], trailers['x-took']], ['0', '1']);
  });

  test('server streaming, more than fits into any window', async () => {
    const stream = call('/shop.Shop/List');
    stream.end(frame(''));
    const { texts, trailers } = await done(stream);
    assert.equal(texts.length, 200);
    assert.ok(texts.every((text, index) => text.startsWith(`item ${index} `)));
    assert.equal(trailers['grpc-status'], '0');
  });

  test('client streaming', async () => {
    const stream = call('/shop.Shop/Sum');
    for (let number = 1; number <= 100; number++) stream.write(frame(String(number)));
    stream.end();
    assert.deepEqual((await done(stream)).texts, ['5050']);
  });

  test('metadata and deadline reach the server', async () => {
    const stream = call('/shop.Shop/Metadata', { 'grpc-timeout': '5S', 'x-token-bin': 'AAEC' });
    stream.end(frame(''));
    const seen = JSON.parse((await done(stream)).texts[0] ?? '');
    assert.deepEqual([seen['grpc-timeout'], seen['x-token-bin'], seen.te], ['5S', 'AAEC', 'trailers']);
    assert.equal(seen['x-forwarded-for'], '127.0.0.1');
  });

  test('a status without any message comes in the headers', async () => {
    const stream = call('/shop.Shop/Refuse');
    stream.end(frame(''));
    const { headers, texts } = await done(stream);
    assert.deepEqual([headers['grpc-status'], headers['grpc-message'], texts], ['7', 'not%20you', []]);
  });

  test('a client that cancels cancels at the server', async () => {
    const stream = call('/shop.Shop/Forever');
    stream.on('error', () => undefined);
    stream.end(frame(''));
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    await eventually('the server learns of it', () => cancelled === 1);
  });

  test('many calls of one connection at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const stream = call('/shop.Shop/Unary');
        stream.end(frame(String(index)));
        return (await done(stream)).texts[0];
      }),
    );
    assert.deepEqual(
      answers,
      answers.map((_, index) => `hello ${index}`),
    );
  });

  test('rules decide by the path of service and method', async () => {
    const stream = call('/other.Service/Unary');
    stream.end(frame(''));
    const [headers] = await once(stream, 'response');
    stream.resume();
    assert.equal(headers[':status'], 404);
  });
});
