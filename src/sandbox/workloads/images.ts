import type { IncomingMessage, ServerResponse } from 'node:http';
import { grpcEcho } from './grpc-echo.ts';
import type { Container } from './objects.ts';

/** Who is answering, for pages that say so. */
export type Identity = {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
  readonly ip: string;
};

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  context: Context,
) => void | Promise<void>;
export type Context = {
  readonly identity: Identity;
  readonly env: ReadonlyMap<string, string>;
  readonly args: readonly string[];
};

/** What a container does: answer requests on ports, or nothing but run (and, in a Job, end at once). */
export type Mode =
  | {
      readonly name: string;
      readonly defaultPort: number;
      readonly answer: Answer;
      /** HTTPS with a certificate of its own, or HTTP/2 without TLS; HTTP/1.1 when absent. */
      readonly protocol?: 'https' | 'h2c';
    }
  | { readonly name: 'batch' };

/** The images that run, as the Event about an unknown one lists them. */
export const KNOWN_IMAGES =
  'echoserver (or any name with "echo"), httpd, nginx, tomcat, 2048, http-text-response (or text), defaultbackend, slow, failing, tls (echo over HTTPS), grpc (echo), and busybox, alpine, debian, ubuntu, perl, bash, curl, hello-world for Jobs';

/** What an image does, by its name without registry and tag; args may name the mode too (`args: [echo]`), but for a base image. */
export const modeOf = (container: Container): Mode | undefined => {
  const name =
    container.image
      .replace(/[:@][^/]*$/, '')
      .split('/')
      .at(-1) ?? '';
  const found = BY_IMAGE.find(([pattern]) => pattern.test(name))?.[1];
  // What follows a base image is a command: `busybox -- echo hi` ends, it does not serve.
  if (found === 'batch') return { name: 'batch' };
  const named = container.args?.find((one) => Object.hasOwn(SERVING, one));
  if (named !== undefined) return SERVING[named];
  return found === undefined ? undefined : SERVING[found];
};

const BY_IMAGE: readonly (readonly [RegExp, string])[] = [
  [/^(alb-|docker-)?2048|2048$/, '2048'],
  [/http-text-response|^text$|^http-echo$/, 'text'],
  [/grpc/, 'grpc'],
  [/\btls\b|\bhttps\b/, 'tls'],
  [/echo/, 'echo'],
  [/httpd|nginx|apache/, 'httpd'],
  [/tomcat/, 'tomcat'],
  [/defaultbackend|default-backend/, 'defaultbackend'],
  [/slow/, 'slow'],
  [/failing/, 'failing'],
  [/^(busybox|alpine|debian|ubuntu|perl|bash|curl|hello-world|pause)$/, 'batch'],
];

const html = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
};

const text = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
};

/** Longest request body that is echoed, in bytes. */
const MOST = 65_536;

const echo: Answer = async (request, response, { identity }) => {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>)
    if (body.length < MOST) body += chunk.toString('utf8');
  const url = new URL(request.url ?? '/', 'http://pod');
  const said = {
    ...identity,
    method: request.method,
    path: url.pathname,
    query: url.search,
    host: request.headers.host,
    httpVersion: request.httpVersion,
    remoteAddress: request.socket.remoteAddress,
    headers: request.headers,
    body: body.slice(0, MOST),
  };
  if (!(request.headers.accept ?? '').includes('text/plain')) {
    const json = JSON.stringify(said, null, 2);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(json),
    });
    response.end(json);
    return;
  }
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
  text(
    response,
    200,
    [`pod: ${identity.pod}`, `${said.method} ${request.url}`, ...headers, '', said.body].join('\n'),
  );
};

const argText = (args: readonly string[]): string | undefined =>
  args.find((one) => one.startsWith('-text='))?.slice('-text='.length);

const SERVING: Readonly<Record<string, Exclude<Mode, { readonly name: 'batch' }>>> = {
  echo: { name: 'echo', defaultPort: 8080, answer: echo },
  tls: { name: 'tls', defaultPort: 8443, answer: echo, protocol: 'https' },
  grpc: { name: 'grpc', defaultPort: 50_051, answer: grpcEcho, protocol: 'h2c' },
  httpd: {
    name: 'httpd',
    defaultPort: 80,
    answer: (_request, response) => html(response, 200, '<html><body><h1>It works!</h1></body></html>\n'),
  },
  tomcat: {
    name: 'tomcat',
    defaultPort: 8080,
    answer: (_request, response) =>
      html(
        response,
        200,
        '<html><head><title>Apache Tomcat</title></head><body><h1>Apache Tomcat</h1></body></html>\n',
      ),
  },
  '2048': {
    name: '2048',
    defaultPort: 80,
    answer: (_request, response) =>
      html(response, 200, '<html><head><title>2048</title></head><body><h1>2048</h1></body></html>\n'),
  },
  text: {
    name: 'text',
    defaultPort: 8080,
    answer: (_request, response, { env, args }) =>
      text(
        response,
        Number(env.get('RESPONSE_CODE') ?? 200),
        argText(args) ?? env.get('RESPONSE_BODY') ?? 'ok\n',
      ),
  },
  defaultbackend: {
    name: 'defaultbackend',
    defaultPort: 8080,
    answer: (request, response) =>
      request.url?.startsWith('/healthz')
        ? text(response, 200, 'ok')
        : text(response, 404, 'default backend - 404'),
  },
  slow: {
    name: 'slow',
    defaultPort: 8080,
    answer: (request, response, { env }) => {
      const asked = new URL(request.url ?? '/', 'http://pod').searchParams.get('delay');
      const timer = setTimeout(
        () => text(response, 200, 'slow\n'),
        Number(asked ?? env.get('DELAY_MS') ?? 1000),
      );
      response.on('close', () => clearTimeout(timer));
    },
  },
  failing: {
    name: 'failing',
    defaultPort: 8080,
    answer: (_request, response, { env }) =>
      text(response, Number(env.get('RESPONSE_CODE') ?? 500), 'failing on purpose\n'),
  },
};
