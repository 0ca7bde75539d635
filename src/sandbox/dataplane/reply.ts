import { type ServerResponse, STATUS_CODES } from 'node:http';
import { constants, Http2ServerResponse } from 'node:http2';

/** An answer to a client, the same for both HTTP versions. */
export type Reply = {
  readonly headSent: boolean;
  /** Bytes sent so far, those of the head included. */
  readonly bytes: number;
  /** Headers as `head` would send them, for who writes an answer without it. */
  dressed(headers: readonly string[]): readonly string[];
  /** Status line and headers, names and values in turn. */
  head(status: number, message: string, headers: readonly string[]): void;
  /** False when the client is behind; `resume` is then called once it has caught up. */
  data(chunk: Uint8Array, resume: () => void): boolean;
  /** Trailers only reach HTTP/2 clients. */
  end(body?: string, trailers?: Readonly<Record<string, string>>): void;
  /** Breaks the answer off, so that the client cannot take half of it for the whole. */
  destroy(): void;
};

export const replyTo = (response: ServerResponse | Http2ServerResponse): Reply =>
  response instanceof Http2ServerResponse ? replyHttp2(response) : replyHttp1(response);

/** An answer made by the load balancer itself, which then names itself as `Server`. */
export const generatedAnswer = (
  reply: Reply,
  status: number,
  options: {
    readonly headers?: readonly string[];
    readonly contentType?: string;
    readonly body?: string;
  } = {},
): void => {
  const body = options.body ?? errorPage(status);
  const type = options.contentType ?? 'text/html';
  const typed = body === '' ? [] : ['Content-Type', type];
  const length = String(Buffer.byteLength(body));
  reply.head(status, reasonPhrase(status), [
    'Server',
    SERVER_NAME,
    'Date',
    new Date().toUTCString(),
    ...typed,
    'Content-Length',
    length,
    ...(options.headers ?? []),
  ]);
  reply.end(body);
};

/** What load balancers call themselves in the Server header. */
export const SERVER_NAME = 'awselb/2.0';

const errorPage = (status: number): string => {
  const title = `${status} ${reasonPhrase(status)}`.trim();
  return `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
};

/** Node does not know the codes that are AWS's own. */
const reasonPhrase = (status: number): string => STATUS_CODES[status] ?? OWN_CODES[status] ?? '';

const OWN_CODES: Readonly<Record<number, string>> = {
  460: 'Client Closed Connection',
  463: 'Too Many X-Forwarded-For Entries',
  464: 'Incompatible Protocol Version',
  561: 'Unauthorized',
};

const replyHttp1 = (response: ServerResponse): Reply => {
  let bytes = 0;
  return {
    get headSent() {
      return response.headersSent;
    },
    get bytes() {
      return bytes;
    },
    dressed: (headers) => headers,
    head: (status, message, headers) => {
      bytes += headSize(headers);
      response.writeHead(status, message, [...headers]);
    },
    data: (chunk, resume) => {
      bytes += chunk.length;
      if (response.write(chunk)) return true;
      response.once('drain', resume);
      return false;
    },
    end: (body) => {
      bytes += Buffer.byteLength(body ?? '');
      response.end(body);
    },
    destroy: () => {
      response.destroy();
    },
  };
};

const replyHttp2 = (response: Http2ServerResponse): Reply => {
  let bytes = 0;
  return {
    get headSent() {
      return response.headersSent;
    },
    get bytes() {
      return bytes;
    },
    dressed: (headers) => headers,
    head: (status, _message, headers) => {
      bytes += headSize(headers);
      response.writeHead(status, grouped(headers));
    },
    data: (chunk, resume) => {
      bytes += chunk.length;
      if (response.write(chunk)) return true;
      response.once('drain', resume);
      return false;
    },
    end: (body, trailers) => {
      bytes += Buffer.byteLength(body ?? '');
      if (trailers !== undefined) response.addTrailers(trailers);
      response.end(body ?? '');
    },
    destroy: () => {
      response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    },
  };
};

/** As HTTP/1.1 would write it; HTTP/2 compresses, and AWS does not say what it counts there. */
const headSize = (headers: readonly string[]): number =>
  headers.reduce((sum, text) => sum + text.length + 2, 17);

const grouped = (headers: readonly string[]): Record<string, string | string[]> => {
  const result: Record<string, string | string[]> = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] ?? '').toLowerCase();
    const value = headers[at + 1] ?? '';
    const before = result[name];
    result[name] = before === undefined ? value : [before, value].flat();
  }
  return result;
};
