import type { IncomingMessage, ServerResponse } from 'node:http';
import { textOf } from '../../text-of.ts';
import { ApiError } from '../api/errors.ts';
import type { Authorizer } from '../rbac/authorizer.ts';
import type { User } from '../tokens.ts';
import { jsonText, wantsYaml } from './encoding.ts';

/** One request being answered. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly warnings: string[];
  /** Who asks. */
  readonly user: User;
  readonly authorizer: Authorizer;
};

export const query = (exchange: Exchange, name: string): string | undefined =>
  exchange.url.searchParams.get(name) ?? undefined;

export const flag = (exchange: Exchange, name: string): boolean => {
  const value = query(exchange, name);
  return value !== undefined && value !== 'false' && value !== '0';
};

/** Answers with JSON, or with YAML where the client prefers that. */
export const sendJson = (
  exchange: Exchange,
  code: number,
  body: unknown,
  type = 'application/json',
): void => {
  const { request, url } = exchange;
  if (type !== 'application/json' || !wantsYaml(request)) {
    sendText(exchange, code, jsonText(request, url, body), type);
    return;
  }
  import('./yaml-body.ts').then(
    ({ yamlText }) => sendText(exchange, code, yamlText(body), 'application/yaml'),
    () => exchange.response.destroy(),
  );
};

export const sendText = (
  { response, warnings }: Exchange,
  code: number,
  text: string,
  type: string,
): void => {
  const bytes = Buffer.from(text);
  const said =
    warnings.length === 0 ? {} : { Warning: warnings.map((warning) => `299 - "${headerText(warning)}"`) };
  response.writeHead(code, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache, private',
    ...said,
  });
  response.end(bytes);
};

/** Text as a header can carry it: without control characters, its UTF-8 bytes as they are. */
const headerText = (text: string): string => {
  const printable = text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&');
  return Buffer.from(printable, 'utf8').toString('latin1');
};

/** Answers with a Status; whatever is not a refusal is a fault of the sandbox and says so. */
export const sendError = (exchange: Exchange, error: unknown): void => {
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  const known = error instanceof ApiError ? error : internal(error);
  const wait = known.status.details?.retryAfterSeconds ?? 0;
  if (wait > 0) exchange.response.setHeader('Retry-After', String(wait));
  sendJson(exchange, known.status.code, known.status);
};

const internal = (error: unknown): ApiError => {
  const text = textOf(error);
  return new ApiError(500, 'InternalError', `Internal error occurred: ${text}`, {
    causes: [{ reason: 'InternalError', message: text, field: '' }],
  });
};

/** Largest body accepted, as kube-apiserver limits it. */
const MOST = 3 * 1024 * 1024;

export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST)
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MOST}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
