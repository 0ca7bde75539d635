import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Bound } from '../bind.ts';
import { type NameSource, reach } from '../reach.ts';

/** What an identity provider said, or why nothing came of asking it. */
export type ProviderAnswer =
  | { readonly status: number; readonly body: string }
  | { readonly problem: 'unreachable' | 'timeout' | 'too large'; readonly why: string };

export type ProviderCall = {
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Asks an identity provider. Never rejects. */
export type ProviderRequest = (url: string, call: ProviderCall) => Promise<ProviderAnswer>;

/** Real milliseconds: an issuer on loopback runs in real time, whatever the emulator's clock does. */
const TIMEOUT_MS = 10_000;
/** Longest answer read: the documented limit for a key set, which is larger than any token. */
const LONGEST = 150 * 1024;

/**
 * Reaches loopback addresses, `localhost`, and names of the sandbox (so that an issuer can stand behind one of its load
 * balancers), and nothing else. AWS wants certificates that a public authority signed; here any certificate will do.
 */
export const providerRequest =
  (names: NameSource, timeoutMs = TIMEOUT_MS): ProviderRequest =>
  (url, call) => {
    const place = placeOf(names, url);
    return typeof place === 'string'
      ? Promise.resolve({ problem: 'unreachable', why: place })
      : send(place, call, timeoutMs);
  };

type Place = Bound & { readonly target: URL };

/** Where the server of a URL is on this machine; a text when it is not. */
export const placeOf = (names: NameSource, url: string): Place | string => {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return `'${url}' is not an http or https URL`;
  const target = new URL(url);
  const name = target.hostname === 'localhost' ? '127.0.0.1' : target.hostname.replace(/^\[|\]$/g, '');
  const bound = reach(names, name, Number(target.port || (target.protocol === 'https:' ? 443 : 80)));
  return typeof bound === 'string' ? bound : { ...bound, target };
};

const send = (where: Place, call: ProviderCall, timeoutMs: number): Promise<ProviderAnswer> =>
  new Promise((resolve) => {
    const { target } = where;
    const request = (target.protocol === 'https:' ? requestHttps : requestHttp)({
      host: where.host,
      port: where.port,
      method: call.method ?? 'GET',
      path: `${target.pathname}${target.search}`,
      headers: { Host: target.host, Accept: 'application/json', ...call.headers },
      agent: false,
      rejectUnauthorized: false,
      ...(isIP(target.hostname) > 0 ? {} : { servername: target.hostname }),
    });
    const timer = setTimeout(() => {
      resolve({ problem: 'timeout', why: `${target.href} did not answer within ${timeoutMs} ms` });
      request.destroy();
    }, timeoutMs);
    const done = (answer: ProviderAnswer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const failed = (error: Error): void =>
      done({ problem: 'unreachable', why: `${target.href}: ${error.message}` });
    request.on('response', (response) => {
      textOf(response).then((body) => {
        if (body === undefined)
          done({ problem: 'too large', why: `${target.href} answered more than ${LONGEST} bytes` });
        else done({ status: response.statusCode ?? 0, body });
      }, failed);
    });
    request.on('error', failed);
    request.end(call.body);
  });

/** Undefined when it is longer than anything a provider may say. */
const textOf = async (response: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LONGEST) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
};
