import { createHmac } from 'node:crypto';

/** What a stickiness cookie binds a client to: a target (`AWSALB`, `AWSALBAPP-0`) or a group (`AWSALBTG`). */
export type Binding = {
  readonly group: string;
  /** `id:port`; empty for a group cookie. */
  readonly target: string;
  /** Emulator time in milliseconds up to which the binding holds. */
  readonly until: number;
};

/** Value of a cookie: opaque to clients, signed so that a foreign or altered one is recognised. */
const encodeBinding = (binding: Binding): string => {
  const payload = Buffer.from(`${binding.until}|${binding.target}|${binding.group}`).toString('base64url');
  return `${payload}.${signature(payload)}`;
};

/** Reads a cookie value; undefined when it is not one of ours or no longer holds. */
export const decodeBinding = (value: string | undefined, now: number): Binding | undefined => {
  const [payload = '', signed] = value?.split('.') ?? [];
  if (signed === undefined || signed !== signature(payload)) return undefined;
  const [until = '', target = '', group = ''] = Buffer.from(payload, 'base64url').toString().split('|');
  return Number(until) > now ? { group, target, until: Number(until) } : undefined;
};

/**
 * The pair of Set-Cookie values AWS sends: the cookie, and a second one with SameSite=None for cross-origin requests.
 * `Expires` is seven days off in real time whatever the duration, which only the content knows (AWS documentation).
 */
export const stickyCookies = (name: string, binding: Binding, secure: boolean): readonly string[] => {
  const expires = new Date(Date.now() + 7 * 24 * 3600 * 1000).toUTCString();
  const value = encodeBinding(binding);
  return [
    `${name}=${value}; Expires=${expires}; Path=/`,
    `${name}CORS=${value}; Expires=${expires}; Path=/; SameSite=None${secure ? '; Secure' : ''}`,
  ];
};

/** The value of a cookie in the request's Cookie headers. */
export const cookieValue = (cookies: readonly string[], name: string): string | undefined => {
  for (const header of cookies) {
    for (const pair of header.split(';')) {
      const mark = pair.indexOf('=');
      if (mark > 0 && pair.slice(0, mark).trim() === name) return pair.slice(mark + 1).trim();
    }
  }
  return undefined;
};

/** Constant, so that cookies outlive a restart of the sandbox; it guards against accidents, not attackers. */
const KEY = 'sandbox stickiness';

const signature = (payload: string): string =>
  createHmac('sha256', KEY).update(payload).digest('base64url').slice(0, 16);
