/** The control endpoint: the levers of the sandbox over HTTP, on the port of the AWS API, for this machine only. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { textOf } from '../text-of.ts';
import { readCommand } from './control-input.ts';
import { CONTROL_ROUTES, type ControlReply } from './control-routes.ts';
import type { SandboxAws } from './sandbox-aws.ts';
import { CONTROL_PATH } from './wire/endpoint.ts';

/** Snapshots of large accounts are sent back here. */
const MAX_BODY = 512 * 1024 * 1024;

export const serveControl = async (
  aws: SandboxAws,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { status, body } = await answer(aws, request).catch(
    (thrown: unknown): ControlReply => ({
      status: 400,
      body: { error: textOf(thrown) },
    }),
  );
  const isText = typeof body === 'string';
  const text = isText ? body : `${JSON.stringify(body ?? {}, undefined, 2)}\n`;
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

const answer = async (aws: SandboxAws, request: IncomingMessage): Promise<ControlReply> => {
  const refusal = strangerProblem(request.socket.remoteAddress, request.headers);
  if (refusal !== undefined) {
    request.resume();
    return { status: 403, body: { error: refusal } };
  }
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const path = url.pathname.slice(CONTROL_PATH.length).replace(/\/+$/, '');
  const text = await bodyOf(request);
  const here = CONTROL_ROUTES.filter(({ pattern }) => pattern.test(path));
  const route = here.find(({ method }) => method === request.method);
  if (route === undefined) {
    const methods = here.map(({ method }) => method).join(', ');
    return here.length === 0
      ? {
          status: 404,
          body: { error: `There is nothing at ${url.pathname}; GET ${CONTROL_PATH} lists what is.` },
        }
      : { status: 405, body: { error: `${url.pathname} takes ${methods}, not ${request.method}.` } };
  }
  const parts = (route.pattern.exec(path)?.slice(1) ?? []).map(decodeURIComponent);
  return route.run({ aws, parts, query: url.searchParams, text, command: () => readCommand(text) });
};

/**
 * Why somebody may not use the levers; undefined when they may. The API listens on loopback only; a browser's page
 * from elsewhere could still send requests here, which the Host and Origin it sends give away.
 */
export const strangerProblem = (
  remote: string | undefined,
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
): string | undefined => {
  if (!isLoopback(remote ?? ''))
    return `The control endpoint answers to this machine only, not to ${remote ?? 'an unknown address'}.`;
  const origin = headers.origin;
  for (const [name, value] of [
    ['Host', headers.host],
    ['Origin', origin?.replace(/^https?:\/\//, '')],
  ] as const) {
    const host = value?.replace(/:\d+$/, '');
    if (host !== undefined && host !== 'localhost' && !isLoopback(host))
      return `The control endpoint answers to requests for this machine only; the ${name} header names ${host}.`;
  }
  return undefined;
};

const isLoopback = (address: string): boolean =>
  /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address) || address === '::1' || address === '[::1]';

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`The body is larger than ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
