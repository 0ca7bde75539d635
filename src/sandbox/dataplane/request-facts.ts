import { normalisePath } from './normalise-path.ts';

/** What rules and forwarding need to know of a request, independent of its HTTP version. */
export type RequestFacts = {
  readonly method: string;
  /** Lower case, without the port; empty when an HTTP/1.0 client sent none. */
  readonly host: string;
  /** Host as the client wrote it, with its port. */
  readonly authority: string;
  /** Path after URI normalisation: what path conditions look at. */
  readonly path: string;
  /** Without the `?`; empty when there is none. */
  readonly query: string;
  /** Path and query exactly as sent: what is forwarded and rewritten. */
  readonly uri: string;
  /** Names and values in turn, HTTP/2 pseudo headers left out. */
  readonly headers: readonly string[];
  /** Address of the connection's other end, never X-Forwarded-For. */
  readonly peer: string;
};

/** The parts of node's request objects of both HTTP versions that are read. */
export type RawRequest = {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
};

/** Reads the facts; undefined when the request target is not one an origin server can be asked for (400). */
export const requestFacts = (request: RawRequest, peer: string): RequestFacts | undefined => {
  const target = splitTarget(request.url ?? '');
  if (target === undefined) return undefined;
  const headers = withoutPseudoHeaders(request.rawHeaders);
  const authority =
    target.authority ?? pseudoHeader(request.rawHeaders, ':authority') ?? firstHeader(headers, 'host') ?? '';
  const mark = target.uri.indexOf('?');
  return {
    method: request.method ?? 'GET',
    host: hostName(authority),
    authority,
    path: normalisePath(mark < 0 ? target.uri : target.uri.slice(0, mark)),
    query: mark < 0 ? '' : target.uri.slice(mark + 1),
    uri: target.uri,
    headers,
    peer: peer.startsWith('::ffff:') ? peer.slice(7) : peer,
  };
};

/** Every value of a header, in order of appearance. `name` in lower case. */
export const headerValues = (headers: readonly string[], name: string): readonly string[] => {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const candidate = headers[at];
    if (candidate?.length === name.length && candidate.toLowerCase() === name)
      values.push(headers[at + 1] ?? '');
  }
  return values;
};

/** The first value of a header. `name` in lower case. */
export const firstHeader = (headers: readonly string[], name: string): string | undefined => {
  for (let at = 0; at < headers.length; at += 2) {
    const candidate = headers[at];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
};

/** Host name in lower case without its port; brackets of an IPv6 address stay. */
export const hostName = (authority: string): string => {
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.indexOf(':');
  return (end > 0 ? authority.slice(0, end) : authority).toLowerCase();
};

/** Origin form, or the absolute form that HTTP/1.1 obliges servers to understand; `*` is for OPTIONS. */
const splitTarget = (target: string): { uri: string; authority?: string } | undefined => {
  if (target.startsWith('/') || target === '*') return { uri: target };
  const absolute = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target);
  if (absolute === null) return undefined;
  const rest = absolute[2] ?? '';
  return { uri: rest.startsWith('/') ? rest : `/${rest}`, authority: absolute[1] ?? '' };
};

const pseudoHeader = (rawHeaders: readonly string[], name: string): string | undefined =>
  rawHeaders[0]?.startsWith(':') === true ? firstHeader(rawHeaders, name) : undefined;

const withoutPseudoHeaders = (rawHeaders: readonly string[]): readonly string[] => {
  let at = 0;
  while (rawHeaders[at]?.startsWith(':') === true) at += 2;
  return at === 0 ? rawHeaders : rawHeaders.slice(at);
};
