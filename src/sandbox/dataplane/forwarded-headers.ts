import type { GeneratedHeaders } from './generated-headers.ts';
import type { LoadBalancerSettings } from './load-balancer-settings.ts';
import { hostName, type RequestFacts } from './request-facts.ts';

/** What of the client's connection goes into headers. */
export type ClientSide = {
  readonly peerPort: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly listenerPort: number;
  readonly traceId: string;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  /** About the client's certificates; names and values in turn. */
  readonly certificate: readonly string[];
  readonly generated: GeneratedHeaders;
};

/**
 * Headers for the target, names and values in turn: the client's without those of the connection, with Host,
 * X-Forwarded-* and X-Amzn-Trace-Id as the load balancer writes them.
 */
export const forwardedHeaders = (
  request: RequestFacts,
  host: string,
  settings: LoadBalancerSettings,
  client: ClientSide,
): string[] => {
  const dropped = connectionHeaders(request.headers);
  const sent: string[] = ['Host', host];
  const forwardedFor: string[] = [];
  const cookies: string[] = [];
  const { reserved } = client.generated;
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = request.headers[at] ?? '';
    const value = request.headers[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'x-forwarded-for') forwardedFor.push(value);
    else if (lower === 'cookie') cookies.push(value);
    else if (REPLACED.has(lower) || dropped.has(lower) || reserved.has(lower)) continue;
    else if (!settings.dropInvalidHeaders || /^[A-Za-z0-9-]+$/.test(name)) sent.push(name, value);
  }
  if (cookies.length > 0) sent.push('Cookie', cookies.join('; '));
  const chain = forwardedForValue(forwardedFor, request.peer, settings, client.peerPort);
  if (chain !== undefined) sent.push('X-Forwarded-For', chain);
  sent.push(
    'X-Forwarded-Proto',
    client.protocol.toLowerCase(),
    'X-Forwarded-Port',
    String(client.listenerPort),
  );
  sent.push('X-Amzn-Trace-Id', client.traceId);
  if (settings.tlsHeaders && client.tls !== undefined) {
    const { nameOf } = client.generated;
    sent.push(nameOf('X-Amzn-Tls-Version'), client.tls.version);
    sent.push(nameOf('X-Amzn-Tls-Cipher-Suite'), client.tls.cipher);
  }
  sent.push(...client.certificate);
  return sent;
};

/**
 * Host for the target. Without `routing.http.preserve_host_header` the listener's port is appended, unless it is the
 * protocol's own (AWS's announcement of that attribute: `www.amazon.com` becomes `www.amazon.com:8443`), and a default
 * port is taken off: the latter from memory, not confirmed by AWS documentation, hence in this one place.
 */
export const forwardedHost = (
  { authority }: RequestFacts,
  settings: LoadBalancerSettings,
  listener: Pick<ClientSide, 'protocol' | 'listenerPort'>,
): string => {
  if (authority === '') return settings.dnsName;
  if (settings.preserveHost) return authority;
  const name = authority.slice(0, hostName(authority).length);
  if (name !== authority) return /:(80|443)$/.test(authority) ? name : authority;
  const own = listener.protocol === 'HTTPS' ? 443 : 80;
  return listener.listenerPort === own ? authority : `${authority}:${listener.listenerPort}`;
};

/** Headers of one connection only (RFC 9110 section 7.6.1), those `Connection` names included. Lower case. */
export const connectionHeaders = (headers: readonly string[]): ReadonlySet<string> => {
  let dropped: Set<string> | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.length !== 10 || headers[at]?.toLowerCase() !== 'connection') continue;
    for (const token of (headers[at + 1] ?? '').toLowerCase().split(',')) {
      const name = token.trim();
      if (name === '' || name === 'close' || HOP_BY_HOP.has(name)) continue;
      dropped ??= new Set(HOP_BY_HOP);
      dropped.add(name);
    }
  }
  return dropped ?? HOP_BY_HOP;
};

const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const REPLACED: ReadonlySet<string> = new Set([
  'host',
  'expect',
  'http2-settings',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
]);

const forwardedForValue = (
  given: readonly string[],
  peer: string,
  settings: LoadBalancerSettings,
  peerPort: number,
): string | undefined => {
  if (settings.forwardedFor === 'remove') return undefined;
  if (settings.forwardedFor === 'preserve') return given.length === 0 ? undefined : given.join(', ');
  const address = settings.forwardedForPort
    ? peer.includes(':')
      ? `[${peer}]:${peerPort}`
      : `${peer}:${peerPort}`
    : peer;
  return [...given, address].join(', ');
};
