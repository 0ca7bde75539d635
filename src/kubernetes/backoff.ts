/**
 * Milliseconds to wait before attempt number `attempt` + 1, doubled each time from half a second to half a minute.
 * A random half is taken off so that many clients of one recovering server do not come back together.
 * A server's own wish (Retry-After) is a minimum; wishes above two minutes are taken as two minutes.
 */
export const backoff = (attempt: number, retryAfterSeconds = 0): number => {
  const grown = Math.min(FIRST_MS * 2 ** Math.max(0, attempt - 1), LONGEST_MS);
  const own = grown * (0.5 + Math.random() / 2);
  const wished = Math.min(retryAfterSeconds * 1000, LONGEST_WISH_MS);
  return Math.round(Math.max(own, wished + (wished > 0 ? Math.random() * FIRST_MS : 0)));
};

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const LONGEST_WISH_MS = 120_000;
