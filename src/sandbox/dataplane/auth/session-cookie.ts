import { cookieValue } from '../sticky-cookie.ts';
import type { Seal } from './seal.ts';

/** A user who logged in. */
export type Session = {
  /** Key of the identity provider. */
  readonly provider: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Real milliseconds since the epoch; undefined when the provider did not say. */
  readonly accessExpires: number | undefined;
  /** Emulator time at which the load balancer's own session ends. */
  readonly until: number;
};

/** Browsers take 4 KB for name and value of a cookie together; AWS splits longer ones. */
const LONGEST_COOKIE = 4096;

/**
 * Set-Cookie values of a session: `NAME-0`, `NAME-1` and so on. The first says how many there are, so that one left
 * over from a longer session is not taken for a part of this.
 */
export const sessionCookies = (
  name: string,
  session: Session,
  seal: Seal,
  lifetimeMs: number,
): readonly string[] => {
  const text = seal.close(session);
  const room = LONGEST_COOKIE - name.length - 8;
  const parts = text.match(new RegExp(`.{1,${room}}`, 'g')) ?? [];
  const expires = new Date(Date.now() + lifetimeMs).toUTCString();
  return parts.map((part, index) => {
    const value = index === 0 ? `${parts.length}.${part}` : part;
    return `${name}-${index}=${value}; Expires=${expires}; Path=/; Secure; HttpOnly`;
  });
};

/**
 * The session a request's cookies hold, if it is one of this provider and not over at `now`. `broken` when there are
 * cookies that cannot be read.
 */
export const readSession = (
  cookies: readonly string[],
  name: string,
  seal: Seal,
  provider: string,
  now: number,
): Session | 'none' | 'broken' => {
  const first = cookieValue(cookies, `${name}-0`);
  if (first === undefined) return 'none';
  const [count = '', start = ''] = first.split('.');
  let text = start;
  for (let index = 1; index < Math.min(Number(count), MOST_PARTS); index++) {
    text += cookieValue(cookies, `${name}-${index}`) ?? '';
  }
  const opened = seal.open(text);
  if (opened === undefined) return 'broken';
  // Only this file writes what the seal opens.
  const session = opened as Session;
  return session.provider === provider && session.until > now ? session : 'none';
};

/** Claims and token are at most 11 KB; sealed and in base64 they fit into this many cookies with room to spare. */
const MOST_PARTS = 16;
